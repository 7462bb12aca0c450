import { quoted } from '../names.ts';
import type { Relation } from './tables.ts';

/** From here on, a partitioned table's statistics can be taken without those of each partition again. */
const KNOWS_ONLY = 18;

export interface Analysis {
  sql: string;
  /** What is read for it, to begin with the longest. */
  bytes: number;
}

/** What the planner must know of the tables before users come; no table is read for it twice. */
export function analysesOf(relations: readonly Relation[], targetMajor: number): Analysis[] {
  const alone = targetMajor >= KNOWS_ONLY;
  return relations
    .filter(({ kind, owned, root }) => /[rp]/.test(kind) && !owned && (alone || root === null))
    .map((relation) => ({
      sql: `analyze ${alone && relation.kind === 'p' ? 'only ' : ''}${quoted(relation)}`,
      bytes: relation.kind === 'p' ? bytesBelow(relation, relations) : relation.bytes,
    }));
}

export function viewAnalyses(relations: readonly Relation[]): Analysis[] {
  return relations
    .filter(({ kind, owned }) => kind === 'm' && !owned)
    .map((view) => ({ sql: `analyze ${quoted(view)}`, bytes: view.bytes }));
}

function bytesBelow({ oid }: Relation, relations: readonly Relation[]): number {
  return relations.reduce((sum, { root, bytes }) => sum + (root === oid ? bytes : 0), 0);
}
