import { pause, timeLimit } from '../../limit.ts';
import type { Colour } from '../../model/container.ts';
import type { Outcome } from '../../model/job.ts';
import { finish, type RolloutDeps, undo } from './prepare.ts';

/** Short: while it lasts, nothing may be serving. */
const LOOK_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 1_000;

/** What to do about a rollout that its process did not end. */
export type Recovery = 'finish' | 'undo' | 'nothing';

export interface RecoveryFacts {
  from: Colour | null;
  to: Colour;
  serving: Colour | null;
  /** Whether the new colour could serve now. */
  toHealthy: boolean;
  fromHealthy: boolean;
}

/**
 * From what is, not from what was written last: a switch may have happened without its note. Where
 * only one colour can serve, that one does.
 */
export function decideRecovery(facts: RecoveryFacts): Recovery {
  const { from, to, serving, toHealthy, fromHealthy } = facts;
  if (serving !== to) return serving === from ? 'undo' : 'nothing';
  if (toHealthy) return 'finish';
  return from !== null && fromHealthy ? 'undo' : 'nothing';
}

/**
 * Finishes or undoes what was left, once it is known what serves: after its engine or its machine came
 * back, an app is some time late. `failed` where neither colour can serve: nothing is touched then.
 */
export async function recoverRollout(
  deps: Pick<RolloutDeps, 'edge' | 'fleet' | 'step' | 'limits'>,
  { from, to }: { from: Colour | null; to: Colour },
  signal: AbortSignal,
): Promise<Outcome> {
  const recovery = await decided(deps, { from, to }, signal);
  if (recovery === 'nothing') return 'failed';
  if (recovery === 'undo') {
    await undo(deps, from, to);
    return 'undone';
  }
  await finish(deps, from, signal);
  return 'done';
}

/** @throws what the load balancer's silence was translated to, when it lasts. */
async function decided(
  deps: Pick<RolloutDeps, 'edge' | 'fleet' | 'limits'>,
  colours: { from: Colour | null; to: Colour },
  signal: AbortSignal,
): Promise<Recovery> {
  for (
    const end = performance.now() + deps.limits.healthyMs;
    ;
    await pause(LOOK_EVERY_MS, signal)
  ) {
    try {
      const recovery = decideRecovery(await look(deps, colours, signal));
      if (recovery !== 'nothing' || performance.now() > end) return recovery;
    } catch (error) {
      if (signal.aborted || performance.now() > end) throw error;
    }
  }
}

async function look(
  { edge, fleet }: Pick<RolloutDeps, 'edge' | 'fleet'>,
  { from, to }: { from: Colour | null; to: Colour },
  signal: AbortSignal,
): Promise<RecoveryFacts> {
  const { serving } = await edge.traffic(timeLimit(LOOK_LIMIT_MS, signal));
  const healthy = async (colour: Colour | null) =>
    serving === to && colour !== null && (await isHealthy(fleet, colour, signal));
  return { from, to, serving, toHealthy: await healthy(to), fromHealthy: await healthy(from) };
}

function isHealthy(fleet: RolloutDeps['fleet'], colour: Colour, signal: AbortSignal) {
  return fleet.healthy(colour, timeLimit(LOOK_LIMIT_MS, signal)).then(
    () => true,
    () => false,
  );
}
