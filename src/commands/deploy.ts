import { UsageError } from '../errors.ts';
import { watchFor } from '../services/project/open-fleet.ts';
import { deployWish } from '../services/rollout/wishes.ts';
import { type ChangeOptions, carryOutAndTell, withGround } from './change.ts';

const MOST_REPLICAS = 200;
const LONGEST_WATCH = 3600;

interface DeployOptions extends ChangeOptions {
  replicas?: string;
  watch?: string;
}

/** `portsync deploy [image]`: new replicas, with the .env as it is now. */
export function deploy(image: string | undefined, options: DeployOptions): Promise<void> {
  return withGround(options, (ground, signal) => {
    const wish = deployWish(image ?? null, numberOf('--replicas', options.replicas, MOST_REPLICAS));
    const watch = numberOf('--watch', options.watch, LONGEST_WATCH);
    const limits = watch === null ? ground.limits : watchFor(ground.limits, watch * 1000);
    return carryOutAndTell({ ...ground, limits }, wish, options, signal);
  });
}

function numberOf(option: string, text: string | undefined, most: number): number | null {
  if (text === undefined) return null;
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= most) return count;
  throw new UsageError({
    code: 'usage',
    message: `${option} cannot be “${text}”.`,
    why: `It is a number from 1 to ${most}.`,
  });
}
