import { EMPTY_ROW, isUnsure, type Row } from './cells.ts';
import { PLAIN, type Style, type StyleTable } from './style.ts';

/** Cells of one row that are to be written: `row` from `x` up to `end`. */
export interface Spot {
  y: number;
  x: number;
  end: number;
  row: Row;
  /** Blanks, behind which nothing is either. */
  clears: boolean;
}

/** More than this is a new picture rather than a list that moved, and not worth the sorting. */
const MOST_IN_COLUMNS = 300;
/** Cells between one spot's end and the beginning of the next, or of the one below it. */
const NEAR = 3;

/**
 * The bytes that turn a screen showing `before` into one showing `after`; empty when nothing
 * differs. With null nothing is known about the screen, and every row is written to its end.
 *
 * The pen is plain when this begins and when it ends; where the cursor is does not matter. The
 * terminal must not wrap at its right edge.
 */
export function diff(
  before: readonly Row[] | null,
  after: readonly Row[],
  columns: number,
  styles: StyleTable,
): string {
  const spots: Spot[] = [];
  for (let y = 0; y < after.length; y++) {
    const next = after[y] ?? EMPTY_ROW;
    const last = before?.[y];
    if (last !== next) spots.push(...changesOf(y, last, next, columns));
  }
  const inRows = written(spots, columns, styles);
  if (spots.length > MOST_IN_COLUMNS) return inRows;
  const inColumns = written(byColumn(spots), columns, styles);
  return inColumns.length < inRows.length ? inColumns : inRows;
}

function changesOf(y: number, last: Row | undefined, next: Row, columns: number): Spot[] {
  // A terminal may have drawn such a grapheme over its neighbours: nothing in the row is certain.
  const whole = !last || last.unsure || next.unsure;
  const end = Math.min(columns, next.text.length);
  const lastEnd = last && !whole ? Math.min(columns, last.text.length) : columns;
  const spots: Spot[] = [];
  for (let x = 0; x < end; x++) {
    if (!whole && !differs(last, next, x, columns)) continue;
    const spot = spots.at(-1);
    if (spot && reaches(spot, x)) spot.end = x + 1;
    else spots.push({ y, x, end: x + 1, row: next, clears: false });
  }
  if (lastEnd > end && (whole || !isBlank(last, end, lastEnd))) {
    spots.push({ y, x: end, end: lastEnd, row: next, clears: true });
  }
  return spots;
}

/** To write the letters between takes fewer bytes than to leave them out. */
function reaches({ row, end }: Spot, x: number): boolean {
  if (x - end > NEAR) return false;
  for (let gap = end; gap < x; gap++) {
    if (row.styles[gap] !== row.styles[x] || !/^[ -~]$/.test(row.text[gap] ?? '')) return false;
  }
  return true;
}

function written(spots: readonly Spot[], columns: number, styles: StyleTable): string {
  const pen = new Pen(styles, columns);
  for (const { y, x, end, row, clears } of spots) {
    if (clears) pen.clear(x, end, y, row);
    else for (let at = x; at < end; at++) pen.put(at, y, row);
  }
  return pen.end();
}

/** Each followed by those below it: in a list that scrolls, the same columns change in every row. */
export function byColumn(spots: readonly Spot[]): Spot[] {
  const ordered: Spot[] = [];
  let left = spots;
  while (left.length > 0) {
    const others: Spot[] = [];
    let last: Spot | null = null;
    for (const spot of left) {
      const below: boolean = !last || (spot.y > last.y && Math.abs(spot.x - last.end) <= NEAR);
      (below ? ordered : others).push(spot);
      if (below) last = spot;
    }
    left = others;
  }
  return ordered;
}

function differs(last: Row, next: Row, x: number, columns: number): boolean {
  return (
    textAt(last, x, columns) !== textAt(next, x, columns) ||
    (last.styles[x] ?? PLAIN) !== (next.styles[x] ?? PLAIN)
  );
}

function isBlank(row: Row, from: number, to: number): boolean {
  for (let x = from; x < to; x++) {
    if (row.text[x] !== ' ' || row.styles[x] !== PLAIN) return false;
  }
  return true;
}

/** Half of a wide grapheme does not fit into the last column. */
function textAt(row: Row, x: number, columns: number): string {
  const text = row.text[x] ?? ' ';
  return x === columns - 1 && row.text[x + 1] === '' ? ' ' : text;
}

/** Writes cells, with the shortest way between them. */
class Pen {
  private readonly columns: number;
  private readonly styles: StyleTable;
  private out = '';
  private style: Style = PLAIN;
  /** Where the terminal's cursor is; -1 where that is not certain. */
  private x = -1;
  private y = -1;

  constructor(styles: StyleTable, columns: number) {
    this.styles = styles;
    this.columns = columns;
  }

  put(x: number, y: number, row: Row): void {
    const text = textAt(row, x, this.columns);
    // A right half came with its left one.
    if (text === '') return;
    this.goTo(x, y, row);
    const width = row.text[x + 1] === '' && x + 1 < this.columns ? 2 : 1;
    const style = row.styles[x] ?? PLAIN;
    if (row.unsure && isUnsure(text)) this.writeUnsure(x, text, width, style);
    else this.write(text, width, style);
  }

  /** Blanks from `from` up to `to`, behind which nothing is either. */
  clear(from: number, to: number, y: number, row: Row): void {
    this.goTo(from, y, row);
    if (to - from <= 3) {
      for (let x = from; x < to; x++) this.write(' ', 1, PLAIN);
    } else {
      this.turn(PLAIN);
      this.out += '\x1b[K';
    }
  }

  end(): string {
    this.turn(PLAIN);
    return this.out;
  }

  /** Blank first, for terminals that draw it narrower; and say where the next cell is, for others. */
  private writeUnsure(x: number, text: string, width: number, style: Style): void {
    this.turn(style);
    this.out += `${' '.repeat(width)}\x1b[${x + 1}G${text}`;
    if (x + width < this.columns) this.out += `\x1b[${x + width + 1}G`;
    this.advance(width);
  }

  private write(text: string, width: number, style: Style): void {
    if (!this.isFit(text, style)) this.turn(style);
    this.out += text;
    this.advance(width);
  }

  /** A plain blank looks the same from every pen that shows nothing on one. */
  private isFit(text: string, style: Style): boolean {
    if (style === this.style) return true;
    return text === ' ' && style === PLAIN && this.styles.forBlank(this.style) === PLAIN;
  }

  private advance(width: number): void {
    this.x += width;
    if (this.x >= this.columns) this.x = -1;
  }

  private turn(style: Style): void {
    this.out += this.styles.transition(this.style, style);
    this.style = style;
  }

  private goTo(x: number, y: number, row: Row): void {
    if (this.x === x && this.y === y) return;
    const way = this.shortestWay(x, y);
    if (this.y === y && this.x >= 0 && this.x < x && this.isCheaper(row, x, way.length)) {
      for (let gap = this.x; gap < x; gap++) this.put(gap, y, row);
      return;
    }
    this.out += way;
    this.x = x;
    this.y = y;
  }

  /** Few cells between here and there, in the pen's style: writing them again takes fewer bytes. */
  private isCheaper(row: Row, x: number, bytes: number): boolean {
    if (x - this.x > bytes) return false;
    let cost = 0;
    for (let gap = this.x; gap < x; gap++) {
      const text = row.text[gap] ?? ' ';
      if (text === '' || !this.isFit(text, row.styles[gap] ?? PLAIN)) return false;
      cost += Buffer.byteLength(text);
    }
    return cost <= bytes;
  }

  private shortestWay(x: number, y: number): string {
    // Row and column count from 1, which is also what leaving one out means.
    const ways = [`\x1b[${y ? y + 1 : ''}${x ? `;${x + 1}` : ''}H`];
    if (this.y === y) ways.push(x === 0 ? '\r' : `\x1b[${x + 1}G`);
    else if (this.y + 1 === y && this.y >= 0) ways.push(`\r\n${sideways(x)}`);
    if (this.x >= 0 && this.y <= y) ways.push(down(y - this.y) + sideways(x - this.x));
    return ways.reduce((best, way) => (way.length < best.length ? way : best));
  }
}

function down(rows: number): string {
  // One row down is IND: a byte less, and nothing scrolls where a row is left below.
  return rows === 0 ? '' : rows === 1 ? '\x1bD' : `\x1b[${rows}B`;
}

function sideways(cells: number): string {
  if (cells === 0) return '';
  if (cells > 0) return cells === 1 ? '\x1b[C' : `\x1b[${cells}C`;
  return cells > -4 ? '\b'.repeat(-cells) : `\x1b[${-cells}D`;
}
