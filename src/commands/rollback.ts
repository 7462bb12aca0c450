import { rollbackWish } from '../services/rollout/wishes.ts';
import { type ChangeOptions, carryOutAndTell, withGround } from './change.ts';

/** `portsync rollback`: the replicas that the last rollout stopped serve again, with the .env they know. */
export function rollback(options: ChangeOptions): Promise<void> {
  return withGround(options, async (ground, signal) => {
    const wish = await rollbackWish(ground, signal);
    await carryOutAndTell(ground, wish, options, signal);
  });
}
