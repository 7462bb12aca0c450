import stringWidth from 'string-width';
import { graphemes } from '../state/graphemes.ts';

const PLAIN = /^[\x20-\x7E]*$/;

/** Columns that `text` takes in a terminal. */
export function widthOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** At most `width` columns; what was cut ends in `…`. */
export function cut(text: string, width: number): string {
  if (width <= 0) return '';
  if (widthOf(text) <= width) return text;
  if (PLAIN.test(text)) return `${text.slice(0, width - 1)}…`;
  let kept = '';
  let used = 0;
  for (const part of graphemes(text)) {
    const wide = stringWidth(part);
    if (used + wide > width - 1) break;
    kept += part;
    used += wide;
  }
  return `${kept}…`;
}

/** Exactly `width` columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const short = cut(text, width);
  const space = ' '.repeat(Math.max(0, width - widthOf(short)));
  return align === 'right' ? space + short : short + space;
}

/** Broken between words into rows of at most `width`, the last one cut when `most` are full. */
export function wrapped(text: string, width: number, most = Number.POSITIVE_INFINITY): string[] {
  const rows: string[] = [];
  let row = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = row === '' ? word : `${row} ${word}`;
    if (widthOf(longer) <= width || row === '') row = longer;
    else {
      rows.push(row);
      row = word;
    }
  }
  if (row !== '') rows.push(row);
  const seen = rows.slice(0, most).map((line) => cut(line, width));
  if (rows.length > most && most > 0) seen[most - 1] = cut(rows.slice(most - 1).join(' '), width);
  return seen;
}

/** Hard rows of `width` columns, for logs: nothing is left out. */
export function chopped(text: string, width: number): string[] {
  if (widthOf(text) <= width || width <= 0) return [text];
  const rows: string[] = [];
  let row = '';
  let used = 0;
  for (const part of PLAIN.test(text) ? text : graphemes(text)) {
    const wide = widthOf(part);
    if (used + wide > width) {
      rows.push(row);
      row = '';
      used = 0;
    }
    row += part;
    used += wide;
  }
  return [...rows, row];
}
