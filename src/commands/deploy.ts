import { UsageError } from '../errors.ts';
import { deployWish } from '../services/rollout/wishes.ts';
import { type ChangeOptions, carryOutAndTell, withGround } from './change.ts';

const MOST_REPLICAS = 200;

/** `portsync deploy [image]`: new replicas, with the .env as it is now. */
export function deploy(
  image: string | undefined,
  options: ChangeOptions & { replicas?: string },
): Promise<void> {
  return withGround(options, (ground, signal) => {
    const wish = deployWish(image ?? null, replicaCount(options.replicas));
    return carryOutAndTell(ground, wish, options, signal);
  });
}

function replicaCount(text: string | undefined): number | null {
  if (text === undefined) return null;
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST_REPLICAS) return count;
  throw new UsageError({
    code: 'usage',
    message: `--replicas cannot be “${text}”.`,
    why: `It is a number from 1 to ${MOST_REPLICAS}.`,
  });
}
