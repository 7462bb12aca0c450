import type { AnsiCode } from '@alcalzone/ansi-tokenize';
import { toAscii } from './ascii.ts';
import type { TerminalCapabilities } from './capabilities.ts';
import { tokenize } from './fast-tokens.ts';
import stringWidth from './fast-width.ts';
import { PLAIN, type Style, StyleTable, withCode } from './style.ts';

/** One line of cells. It ends where only plain blanks follow. */
export interface Row {
  /** A grapheme each; empty for the right half of a wide one. */
  text: string[];
  styles: Style[];
  /** Holds a grapheme whose width terminals disagree about: emoji, joined sequences. */
  unsure: boolean;
}

export const EMPTY_ROW: Row = { text: [], styles: [], unsure: false };

interface Glyph {
  cells: string[];
  unsure: boolean;
}

/** Lines kept, so that one which comes again (most do) is not read again. */
const KEPT_LINES = 300;
const KEPT_GLYPHS = 1_000;

/** Turns the frames that Ink draws into cells. */
export class CellReader {
  readonly styles: StyleTable;
  private readonly ascii: boolean;
  private readonly lines = new Map<string, Row>();
  private readonly glyphs = new Map<string, Glyph>();

  constructor(terminal: Pick<TerminalCapabilities, 'colour' | 'utf8'>) {
    this.styles = new StyleTable(terminal.colour);
    this.ascii = !terminal.utf8;
  }

  /** The first `rows` lines of a frame. A row that did not change is the same object as before. */
  read(frame: string, rows: number): Row[] {
    const lines = frame.split('\n', rows);
    return Array.from({ length: rows }, (_, y) => this.line(lines[y] ?? ''));
  }

  private line(line: string): Row {
    if (line === '') return EMPTY_ROW;
    const known = this.lines.get(line);
    const row = known ?? this.parse(line);
    // Asked for last, dropped last.
    if (known) this.lines.delete(line);
    this.lines.set(line, row);
    dropOldest(this.lines, KEPT_LINES);
    return row;
  }

  private parse(line: string): Row {
    const row: Row = { text: [], styles: [], unsure: false };
    let codes: AnsiCode[] = [];
    let style = PLAIN;
    for (const token of tokenize(line)) {
      if (token.type === 'ansi') {
        codes = withCode(codes, token);
        style = this.styles.of(codes);
      } else if (token.type === 'char') {
        this.append(row, token.value, style);
      }
    }
    return trimmed(row);
  }

  private append(row: Row, grapheme: string, style: Style): void {
    const { cells, unsure } = this.glyph(grapheme);
    row.unsure ||= unsure;
    for (const text of cells) {
      row.text.push(text);
      row.styles.push(text === ' ' ? this.styles.forBlank(style) : style);
    }
  }

  private glyph(grapheme: string): Glyph {
    let glyph = this.glyphs.get(grapheme);
    if (!glyph) {
      glyph = glyphOf(grapheme, this.ascii);
      this.glyphs.set(grapheme, glyph);
      dropOldest(this.glyphs, KEPT_GLYPHS);
    }
    return glyph;
  }
}

/** As wide as Ink believes it to be, or everything behind it would be out of place. */
function glyphOf(grapheme: string, ascii: boolean): Glyph {
  const width = stringWidth(grapheme);
  // Ink gives these one cell. On the terminal they would take none, or command it.
  if (width === 0 || isControl(grapheme)) return { cells: [' '], unsure: false };
  if (ascii && !/^[ -~]$/.test(grapheme)) {
    return { cells: [...toAscii(grapheme, width)], unsure: false };
  }
  // Some clusters count as wider than the two cells that a terminal can give them.
  const cells = Array.from({ length: width }, (_, x) => (x === 0 ? grapheme : x === 1 ? '' : ' '));
  return { cells, unsure: isUnsure(grapheme) };
}

function isControl(grapheme: string): boolean {
  const code = grapheme.codePointAt(0) ?? 0;
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/**
 * Whether terminals disagree about its width. They agree on the East Asian scripts, which have been
 * two cells wide for as long as there was a table for it, but not on emoji and joined sequences.
 */
export function isUnsure(grapheme: string): boolean {
  const code = grapheme.codePointAt(0) ?? 0;
  return grapheme.length > 1 || (code >= 0x2300 && code < 0x2c00 && stringWidth(grapheme) > 1);
}

function trimmed(row: Row): Row {
  let length = row.text.length;
  while (length > 0 && row.text[length - 1] === ' ' && row.styles[length - 1] === PLAIN) length--;
  row.text.length = length;
  row.styles.length = length;
  return row;
}

function dropOldest<K>(map: Map<K, unknown>, limit: number): void {
  if (map.size <= limit) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
