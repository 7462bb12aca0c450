import type { Proof, ProofObject } from '../model/migration.ts';
import { migrationOf } from './migration.ts';
import type { State } from './state.ts';

/** What differs first, then by size. */
export function proofRows(state: State): ProofObject[] {
  const objects = migrationOf(state)?.proof?.objects ?? [];
  return [...objects].sort(
    (a, b) => Number(a.equal) - Number(b.equal) || b.rows.source - a.rows.source,
  );
}

export function rowsCompared({ objects }: Proof): number {
  return objects.reduce((sum, { rows }) => sum + rows.source, 0);
}
