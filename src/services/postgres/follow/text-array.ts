import { spansOf, type Tuple, UNCHANGED } from './tuple.ts';

const TEXT_OID = 25;
const HEADER = 20;
/** A call into native code costs more than so many bytes by hand. */
const BY_HAND = 24;

/** The first columns of many rows, each of which goes into a statement as one parameter. */
export class Columns {
  readonly #rows: readonly Tuple[];
  readonly #count: number;
  readonly #spans: Int32Array;

  constructor(rows: readonly Tuple[], count: number) {
    this.#rows = rows;
    this.#count = count;
    this.#spans = spansOf(rows, count);
  }

  /**
   * A column as a text[] in PostgreSQL's binary form (array_recv): dimensions, whether there are nulls,
   * type of the elements, length, lower bound; then each value with its length. Bytes go from the log
   * into the parameter as they are.
   */
  textArray(column: number): Buffer {
    const { size, nulls } = this.#measure(column);
    const array = Buffer.allocUnsafe(size);
    const header = [1, nulls ? 1 : 0, TEXT_OID, this.#rows.length, 1];
    let to = 0;
    for (const value of header) to = array.writeInt32BE(value, to);
    const [spans, step] = [this.#spans, 2 * this.#count];
    let span = 2 * column;
    for (const { bytes } of this.#rows) {
      to = append(array, to, bytes, spans[span] as number, spans[span + 1] as number);
      span += step;
    }
    return array;
  }

  #measure(column: number): { size: number; nulls: boolean } {
    const [spans, step] = [this.#spans, 2 * this.#count];
    let size = HEADER + 4 * this.#rows.length;
    let nulls = false;
    for (let span = 2 * column + 1; span < spans.length; span += step) {
      const length = spans[span] as number;
      if (length === UNCHANGED) throw new Error(`column ${column} of a change is not known`);
      if (length < 0) nulls = true;
      else size += length;
    }
    return { size, nulls };
  }
}

function append(array: Buffer, at: number, bytes: Buffer, from: number, length: number): number {
  array[at] = length >> 24;
  array[at + 1] = length >> 16;
  array[at + 2] = length >> 8;
  array[at + 3] = length;
  const to = at + 4;
  if (length <= 0) return to;
  if (length > BY_HAND) bytes.copy(array, to, from, from + length);
  else for (let i = 0; i < length; i += 1) array[to + i] = bytes[from + i] as number;
  return to + length;
}
