import type { TouchedTable } from '../follow/touched.ts';
import { type QualifiedName, quoted } from '../names.ts';
import type { ProofColumn } from './catalog.ts';
import type { Compared } from './compare.ts';

/**
 * How a table that changed is compared in the pause: its touched rows, by their keys; all of it, where
 * it is small; its count, where it was emptied and is large; or by keeping account of its rows only.
 */
export type Way = 'keys' | 'whole' | 'count' | 'account';

/** Together, what can be read in a few tens of milliseconds. */
export const WHOLE_BYTES = 8e6;
const COUNT_BYTES = 100e6;

/** A table with its partitions, which changes are told of together: a row may move between them. */
export interface Whole extends QualifiedName {
  columns: ProofColumn[];
  partitioned: boolean;
  /** What the last whole comparison found of each. */
  parts: Compared[];
}

export interface Change {
  whole: Whole;
  touched: TouchedTable;
  way: Way;
}

/** @param bytes of each table now, by quoted name; the smallest are read whole as far as time allows */
export function planChanges(
  compared: Compared[],
  touched: TouchedTable[],
  bytes: ReadonlyMap<string, number>,
): { changes: Change[]; unknown: QualifiedName[] } {
  const known = wholes(compared);
  const size = (whole: Whole) => sum(whole.parts.map(({ task }) => bytes.get(quoted(task)) ?? 0));
  const pairs = touched.flatMap((one) => {
    const whole = known.get(quoted(one.name));
    return whole ? [{ whole, touched: one, bytes: size(whole) }] : [];
  });
  let left = WHOLE_BYTES;
  const changes = pairs
    .sort((a, b) => a.bytes - b.bytes)
    .map((pair): Change => {
      if (hasKeys(pair.touched, pair.whole)) return { ...pair, way: 'keys' };
      left -= pair.bytes;
      return { ...pair, way: unkeyedWay(pair.touched, pair.bytes, left) };
    });
  const unknown = touched.map(({ name }) => name).filter((name) => !known.has(quoted(name)));
  return { changes, unknown };
}

function wholes(compared: Compared[]): Map<string, Whole> {
  const found = new Map<string, Whole>();
  for (const part of compared) {
    const { table } = part.task;
    if (!table) continue;
    const name = quoted(table.root);
    const whole = found.get(name);
    const { columns, root } = table;
    if (whole) whole.parts.push(part);
    else found.set(name, { ...root, columns, partitioned: name !== quoted(table), parts: [part] });
  }
  return found;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function unkeyedWay({ truncated }: TouchedTable, bytes: number, left: number): Way {
  if (left >= 0) return 'whole';
  // Of a table that was emptied nothing is known but what is read now.
  return truncated || bytes < COUNT_BYTES ? 'count' : 'account';
}

function hasKeys({ keyColumns, keys, truncated }: TouchedTable, { columns }: Whole): boolean {
  if (truncated || keys === null || keyColumns.length === 0) return false;
  const names = new Set(columns.map(({ name }) => name));
  return keyColumns.every((name) => names.has(name));
}
