import type { Colour } from '../../model/container.ts';
import type { Outcome } from '../../model/job.ts';
import { finish, type RolloutDeps, undo } from './prepare.ts';

/** Short: while it lasts, nothing may be serving. */
const LOOK_LIMIT_MS = 10_000;

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
 * Finishes or undoes what `job` left. `failed` where neither colour can serve: nothing is touched
 * then.
 */
export async function recoverRollout(
  deps: Pick<RolloutDeps, 'edge' | 'fleet' | 'step'>,
  { from, to }: { from: Colour | null; to: Colour },
  signal: AbortSignal,
): Promise<Outcome> {
  const { serving } = await deps.edge.traffic(signal);
  const healthy = async (colour: Colour | null) => colour !== null && isHealthy(deps, colour);
  const facts: RecoveryFacts = {
    from,
    to,
    serving,
    toHealthy: serving === to && (await healthy(to)),
    fromHealthy: serving === to && (await healthy(from)),
  };
  const recovery = decideRecovery(facts);
  if (recovery === 'nothing') return 'failed';
  if (recovery === 'undo') {
    await undo(deps, from, to);
    return 'undone';
  }
  await finish(deps, from, signal);
  return 'done';
}

async function isHealthy({ fleet }: Pick<RolloutDeps, 'fleet'>, colour: Colour): Promise<boolean> {
  return fleet.healthy(colour, AbortSignal.timeout(LOOK_LIMIT_MS)).then(
    () => true,
    () => false,
  );
}
