import { EMPTY_ROW, isUnsure, type Row } from './cells.ts';
import { PLAIN, type Style, type StyleTable } from './style.ts';

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
  const pen = new Pen(styles, columns);
  for (let y = 0; y < after.length; y++) {
    const next = after[y] ?? EMPTY_ROW;
    const last = before?.[y];
    if (last !== next) writeRow(pen, y, last, next);
  }
  return pen.end();
}

function writeRow(pen: Pen, y: number, last: Row | undefined, next: Row): void {
  // A terminal may have drawn such a grapheme over its neighbours: nothing in the row is certain.
  const whole = !last || last.unsure || next.unsure;
  const { columns } = pen;
  const end = Math.min(columns, next.text.length);
  const lastEnd = last && !whole ? Math.min(columns, last.text.length) : columns;
  for (let x = 0; x < end; x++) {
    if (whole || differs(last, next, x, columns)) pen.put(x, y, next);
  }
  if (lastEnd > end && (whole || !isBlank(last, end, lastEnd))) pen.clear(end, lastEnd, y, next);
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
  readonly columns: number;
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
    if (this.y === y) {
      ways.push(x === 0 ? '\r' : `\x1b[${x + 1}G`);
      if (this.x >= 0 && this.x < x) ways.push(forward(x - this.x));
    } else if (this.y + 1 === y && this.y >= 0) {
      ways.push(`\r\n${x ? forward(x) : ''}`);
    }
    return ways.reduce((best, way) => (way.length < best.length ? way : best));
  }
}

function forward(cells: number): string {
  return cells === 1 ? '\x1b[C' : `\x1b[${cells}C`;
}
