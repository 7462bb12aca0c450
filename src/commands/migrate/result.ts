import type { Migration } from '../../model/migration.ts';

/** What every migrate command answers; stable for scripts. Figures are null until they are known. */
export function resultOf(migration: Migration | null) {
  if (!migration) return { state: 'idle' as const, ...NOTHING };
  const { state, cutover, copy, proof, follow, worker, wayBack, problem } = migration;
  const { id, source, target, startedAt, changedAt, rehearsal } = migration;
  return {
    state,
    heldMs: cutover?.heldMs ?? null,
    heldRequests: cutover?.heldRequests ?? null,
    failedRequests: cutover?.failedRequests ?? null,
    copiedBytes: copy?.bytes ?? null,
    rows: proof?.objects.reduce((sum, { rows }) => sum + rows.target, 0) ?? copy?.rows ?? null,
    proof: proof && {
      ...{ equal: proof.equal, objects: proof.objects },
      ...{ kind: proof.kind, at: proof.at, differences: proof.differences },
    },
    ...{ id, source, target, startedAt, changedAt, rehearsal, worker, wayBack, cutover, follow },
    problem,
  };
}

const NOTHING = {
  heldMs: null,
  heldRequests: null,
  failedRequests: null,
  copiedBytes: null,
  rows: null,
  proof: null,
};
