/** Lengths that are none. */
export const NULL = -1;
export const UNCHANGED = -2;

/**
 * One version of a row, still as bytes: column i is `spans[2i + 1]` bytes at `spans[2i]`, or NULL, or
 * UNCHANGED: a value stored out of line that the update did not touch, and the log does not hold.
 */
export interface Tuple {
  bytes: Buffer;
  spans: number[];
  /** Whether any column is UNCHANGED. */
  partial: boolean;
}

export function lengthOf(tuple: Tuple, column: number): number {
  return tuple.spans[2 * column + 1] ?? NULL;
}

/** `later`, with what it left unchanged taken from `earlier`. */
export function merged(earlier: Tuple, later: Tuple): Tuple {
  if (!later.partial) return later;
  const bytes = Buffer.concat([later.bytes, earlier.bytes]);
  const spans = later.spans.slice();
  let partial = false;
  for (let i = 0; i < spans.length; i += 2) {
    if (spans[i + 1] !== UNCHANGED) continue;
    spans[i] = (earlier.spans[i] ?? 0) + later.bytes.length;
    spans[i + 1] = earlier.spans[i + 1] ?? NULL;
    partial ||= spans[i + 1] === UNCHANGED;
  }
  return { bytes, spans, partial };
}

/**
 * The values of `columns` as one string that no other values give; null when one of them is not there.
 * One character is one byte: nothing is decoded for it.
 */
export function keyOf({ bytes, spans }: Tuple, columns: readonly number[]): string | null {
  if (columns.length === 1) {
    const at = 2 * (columns[0] ?? 0);
    const length = spans[at + 1] ?? NULL;
    const from = spans[at] ?? 0;
    return length < 0 ? null : bytes.toString('latin1', from, from + length);
  }
  let key = '';
  for (const column of columns) {
    const length = spans[2 * column + 1] ?? NULL;
    const from = spans[2 * column] ?? 0;
    if (length < 0) return null;
    key += `${length}:${bytes.toString('latin1', from, from + length)}`;
  }
  return key;
}

/** What `keyOf` made, taken apart again. */
export function keyValues(key: string, columns: number): string[] {
  if (columns === 1) return [utf8(key)];
  const values: string[] = [];
  for (let at = 0; at < key.length; ) {
    const colon = key.indexOf(':', at);
    const end = colon + 1 + Number(key.slice(at, colon));
    values.push(utf8(key.slice(colon + 1, end)));
    at = end;
  }
  return values;
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
