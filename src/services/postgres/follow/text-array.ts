import { lengthOf, type Tuple, UNCHANGED } from './tuple.ts';

const TEXT_OID = 25;
const HEADER = 20;

/**
 * One column of many rows as a text[] in PostgreSQL's binary form (array_recv): dimensions, whether
 * there are nulls, type of the elements, length, lower bound; then each value with its length. Bytes
 * go from the log into the parameter as they are.
 */
export function textArray(rows: readonly Tuple[], column: number): Buffer {
  let size = HEADER + 4 * rows.length;
  let nulls = 0;
  for (const row of rows) {
    const length = lengthOf(row, column);
    if (length === UNCHANGED) throw new Error(`column ${column} of a change is not known`);
    if (length < 0) nulls = 1;
    else size += length;
  }
  const array = Buffer.allocUnsafe(size);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(nulls, 4);
  array.writeInt32BE(TEXT_OID, 8);
  array.writeInt32BE(rows.length, 12);
  array.writeInt32BE(1, 16);
  let at = HEADER;
  for (const row of rows) at = append(array, at, row, column);
  return array;
}

function append(array: Buffer, at: number, { bytes, spans }: Tuple, column: number): number {
  const from = spans[2 * column] ?? 0;
  const length = spans[2 * column + 1] ?? -1;
  array.writeInt32BE(length < 0 ? -1 : length, at);
  const to = at + 4;
  if (length <= 0) return to;
  // A call into native code costs more than a few bytes by hand.
  if (length > 24) bytes.copy(array, to, from, from + length);
  else for (let i = 0; i < length; i += 1) array[to + i] = bytes[from + i] as number;
  return to + length;
}
