import type { Proof, ProofObject } from '../../../model/migration.ts';
import type { PostgresConnection } from '../connection.ts';
import { differingSequences, readSequences } from '../cutover/sequences.ts';
import type { TableFilter } from '../cutover/tables.ts';
import type { TouchedTable } from '../follow/touched.ts';
import { type QualifiedName, quoted, shown } from '../names.ts';
import { readSizes } from './catalog.ts';
import { type Hash, type Sum, sameSum, toSum } from './checksum.ts';
import type { Comparison } from './full.ts';
import { compareLargeObjects } from './large-objects.ts';
import { nameOf, proofOf, toObject } from './objects.ts';
import { type Change, planChanges } from './quick-plan.ts';
import { changeSql } from './quick-sql.ts';
import type { SessionPair } from './session.ts';

/**
 * While both sides rest: takes as long as what changed since `whole` takes, not what there is.
 * @param pairs rows are read over one, everything else over the other at the same time
 */
export async function quickProof(
  [rows, rest]: SessionPair[],
  whole: Comparison,
  touched: TouchedTable[],
  include: TableFilter,
  signal: AbortSignal,
): Promise<Proof> {
  if (!rows || !rest) throw new Error('a quick proof takes two pairs of sessions');
  const others = async () => ({
    sequences: await compareSequences(rest, include, signal),
    large: await compareLargeObjects(rest, whole.hash, signal),
  });
  const [tables, { sequences, large }] = await Promise.all([
    compareTouched(rows, whole, touched, include, signal),
    others(),
  ]);
  const differences = [...whole.differences, ...tables.differences, ...sequences];
  return proofOf('quick', new Date(), [...tables.objects, ...large], differences);
}

async function compareSequences(
  { source, target }: SessionPair,
  include: TableFilter,
  signal: AbortSignal,
): Promise<string[]> {
  const [here, there] = await Promise.all([
    readSequences(source, signal, include),
    readSequences(target, signal, include),
  ]);
  return differingSequences(here, there);
}

async function compareTouched(
  { source, target }: SessionPair,
  { compared, hash }: Comparison,
  touched: TouchedTable[],
  include: TableFilter,
  signal: AbortSignal,
): Promise<{ objects: ProofObject[]; differences: string[] }> {
  const tables = compared.flatMap(({ task }) => (task.table ? [task.table] : []));
  const now = await readSizes(source, include, signal);
  const bytes = new Map(now.map((table) => [quoted(table), table.bytes]));
  const { changes, unknown } = planChanges(compared, touched, bytes);
  const differences = [
    ...changedLists(tables, now),
    ...unknown.map((name) => `table ${shown(name)}: changed, and was never compared`),
  ];
  const asked = differences.length > 0 ? [] : changes;
  const sums = await sumsOf([source, target], asked, hash, signal);
  const changed = new Set(changes.flatMap(({ whole }) => whole.parts));
  const same = compared.filter((part) => part.task.table && !changed.has(part));
  const objects = [
    ...same.map(({ task, ...found }) =>
      toObject(nameOf(task, task.table), found.source, found.target),
    ),
    ...changes.map((change) => changedObject(change, sums.get(change))),
  ];
  return { objects, differences };
}

/** Tables that came or went since the whole comparison: what it found says nothing of them. */
function changedLists(before: QualifiedName[], now: QualifiedName[]): string[] {
  const [old, present] = [before, now].map((tables) => new Set(tables.map(quoted)));
  const made = now.filter((table) => !old?.has(quoted(table)));
  const dropped = before.filter((table) => !present?.has(quoted(table)));
  return [
    ...made.map((table) => `table ${shown(table)}: made since the last whole comparison`),
    ...dropped.map((table) => `table ${shown(table)}: dropped since the last whole comparison`),
  ];
}

interface Sums {
  source: Sum;
  target: Sum;
}

/** All of it in one round trip with each side. */
async function sumsOf(
  sides: [PostgresConnection, PostgresConnection],
  changes: Change[],
  hash: Hash,
  signal: AbortSignal,
): Promise<Map<Change, Sums>> {
  const asked = changes.flatMap((change) => {
    const sql = changeSql(change, hash);
    return sql === null ? [] : [{ change, sql }];
  });
  if (asked.length === 0) return new Map();
  const text = asked.map(({ sql }) => sql).join(';\n');
  const [here = [], there = []] = await Promise.all(sides.map((side) => side.ask(text, signal)));
  const sums = asked.map(({ change }, at): [Change, Sums] => [
    change,
    { source: toSum(here[at]?.[0]), target: toSum(there[at]?.[0]) },
  ]);
  return new Map(sums);
}

/** The checksum of keys is that of their rows; the count is the one before and what changed. */
export function changedObject(
  { whole, touched, way }: Change,
  sums: Sums | undefined,
): ProofObject {
  const name = nameOf(whole, whole);
  const before = whole.parts.every(({ source, target }) => sameSum(source, target));
  const count = (side: 'source' | 'target') =>
    whole.parts.reduce((rows, part) => rows + part[side].rows, touched.rows);
  const rows = { source: count('source'), target: count('target') };
  if (!sums) return { name, rows, checksum: null, equal: before };
  const now = toObject(name, sums.source, sums.target);
  if (way === 'whole') return now;
  if (way === 'count') return { ...now, checksum: null };
  rows.target += sums.target.rows - sums.source.rows;
  return { ...now, rows, equal: before && now.equal };
}
