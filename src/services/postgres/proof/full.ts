import type { Proof } from '../../../model/migration.ts';
import type { TableFilter } from '../cutover/tables.ts';
import { readEncoding, readProofTables } from './catalog.ts';
import type { Hash } from './checksum.ts';
import { type Compared, compareAll, planComparison } from './compare.ts';
import { nameOf, proofOf, toObject } from './objects.ts';
import type { SessionPair } from './session.ts';

/** What a whole comparison found, for the proof and for a quick one later. */
export interface Comparison {
  compared: Compared[];
  differences: string[];
  hash: Hash;
}

export async function compareWhole(
  pairs: SessionPair[],
  include: TableFilter,
  signal: AbortSignal,
): Promise<Comparison> {
  const [first] = pairs;
  if (!first) throw new Error('a comparison takes at least one pair of sessions');
  const sides = [first.source, first.target];
  const [source = [], target = []] = await Promise.all(
    sides.map((session) => readProofTables(session, include, signal)),
  );
  const [here, there] = await Promise.all(sides.map((session) => readEncoding(session, signal)));
  const hash = here === there ? 'fast' : 'md5';
  const { tasks, differences } = planComparison(source, target, hash);
  return { compared: await compareAll(pairs, tasks, signal), differences, hash };
}

export function fullProof({ compared, differences }: Comparison, at: Date): Proof {
  const objects = compared.filter(
    ({ task, source, target }) => task.table || source.rows || target.rows,
  );
  return proofOf(
    'full',
    at,
    objects.map(({ task, source, target }) => toObject(nameOf(task, task.table), source, target)),
    differences,
  );
}
