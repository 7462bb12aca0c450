/** Lengths that are none. */
export const NULL = -1;
export const UNCHANGED = -2;

const [NULL_MARK, UNCHANGED_MARK] = [0x6e, 0x75];
/** So many digits are a number without loss. */
const EXACT_DIGITS = 15;

/**
 * One version of a row as pgoutput has it, unread: from `at` on the number of columns, and each column
 * as a mark and, where it has a value, its length and text. A column may also be NULL, or unchanged: a
 * value stored out of line that the update did not touch, and the log does not hold.
 */
export interface Tuple {
  bytes: Buffer;
  at: number;
  /** Whether any column is unchanged. */
  partial: boolean;
}

/** Names a row within its table. */
export type Key = string | number;

/** The tuple that begins at `at`, and where it ends. */
export function readTuple(bytes: Buffer, at: number): { tuple: Tuple; end: number } {
  let partial = false;
  let end = at + 2;
  for (let left = bytes.readUInt16BE(at); left > 0; left -= 1) {
    partial ||= bytes[end] === UNCHANGED_MARK;
    end = behind(bytes, end);
  }
  return { tuple: { bytes, at, partial }, end };
}

/**
 * Where the first `columns` values of each row are, all in one array: of row r and column c the start
 * in the row's bytes at 2 (r · columns + c), and behind it the length, NULL or UNCHANGED.
 */
export function spansOf(rows: readonly Tuple[], columns: number): Int32Array {
  const spans = new Int32Array(2 * rows.length * columns);
  let n = 0;
  for (const { bytes, at } of rows) {
    let column = at + 2;
    for (const end = n + 2 * columns; n < end; n += 2) {
      spans[n] = column + 5;
      spans[n + 1] = lengthAt(bytes, column);
      column = behind(bytes, column);
    }
  }
  return spans;
}

/** `later`, with what it left unchanged taken from `earlier`. */
export function merged(earlier: Tuple, later: Tuple): Tuple {
  if (!later.partial) return later;
  const before = columnsOf(earlier);
  const columns = columnsOf(later).map((column, i) =>
    column[0] === UNCHANGED_MARK ? (before[i] ?? column) : column,
  );
  const bytes = Buffer.concat([later.bytes.subarray(later.at, later.at + 2), ...columns]);
  return readTuple(bytes, 0).tuple;
}

/** Which columns are unchanged. */
export function unchangedIn(tuple: Tuple): number[] {
  if (!tuple.partial) return [];
  return columnsOf(tuple).flatMap((column, i) => (column[0] === UNCHANGED_MARK ? [i] : []));
}

/**
 * The values of `columns` as something that no other values give; null when one of them is not there.
 * In a string one character is one byte: nothing is decoded for it.
 * @param whole whether it is one column of whole numbers, which are the cheaper keys
 */
export function keyOf(
  { bytes, at }: Tuple,
  columns: readonly number[],
  whole: boolean,
): Key | null {
  if (columns.length === 1) {
    const column = columnAt(bytes, at, columns[0] ?? 0);
    const length = lengthAt(bytes, column);
    if (length < 0) return null;
    if (whole && length <= EXACT_DIGITS) return numberAt(bytes, column + 5, length);
    return bytes.toString('latin1', column + 5, column + 5 + length);
  }
  let key = '';
  for (const each of columns) {
    const column = columnAt(bytes, at, each);
    const length = lengthAt(bytes, column);
    if (length < 0) return null;
    key += `${length}:${bytes.toString('latin1', column + 5, column + 5 + length)}`;
  }
  return key;
}

/** What `keyOf` made, taken apart again. */
export function keyValues(key: Key, columns: number): string[] {
  if (typeof key === 'number') return [String(key)];
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

function columnsOf({ bytes, at }: Tuple): Buffer[] {
  let from = at + 2;
  return Array.from({ length: bytes.readUInt16BE(at) }, () => {
    const column = bytes.subarray(from, behind(bytes, from));
    from += column.length;
    return column;
  });
}

function columnAt(bytes: Buffer, at: number, column: number): number {
  let from = at + 2;
  for (let n = 0; n < column; n += 1) from = behind(bytes, from);
  return from;
}

/** Where the column that begins at `from` ends. */
function behind(bytes: Buffer, from: number): number {
  const length = lengthAt(bytes, from);
  return length < 0 ? from + 1 : from + 5 + length;
}

/** By hand: the buffer's own methods check what is known here, for every column of every row. */
function lengthAt(bytes: Buffer, column: number): number {
  const mark = bytes[column];
  if (mark === NULL_MARK) return NULL;
  if (mark === UNCHANGED_MARK) return UNCHANGED;
  return (
    ((bytes[column + 1] as number) << 24) |
    ((bytes[column + 2] as number) << 16) |
    ((bytes[column + 3] as number) << 8) |
    (bytes[column + 4] as number)
  );
}

function numberAt(bytes: Buffer, from: number, length: number): number {
  const negative = bytes[from] === 0x2d;
  let value = 0;
  for (let at = negative ? from + 1 : from; at < from + length; at += 1) {
    value = 10 * value + ((bytes[at] as number) - 0x30);
  }
  return negative ? -value : value;
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
