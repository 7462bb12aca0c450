import { cut, widthOf } from './text.ts';

/**
 * How a piece of a line looks. Green, yellow and red are for state alone, and never say it alone.
 * NO_COLOR and terminals without UTF-8 are the terminal layer's business.
 */
export type Tone = keyof typeof CODES;

export type Span = string | readonly [text: string, tone: Tone];

const CODES = {
  plain: ['', ''],
  dim: ['\u001B[2m', '\u001B[22m'],
  strong: ['\u001B[1m', '\u001B[22m'],
  accent: ['\u001B[36m', '\u001B[39m'],
  title: ['\u001B[1;36m', '\u001B[22;39m'],
  good: ['\u001B[32m', '\u001B[39m'],
  look: ['\u001B[33m', '\u001B[39m'],
  bad: ['\u001B[31m', '\u001B[39m'],
  inverse: ['\u001B[7m', '\u001B[27m'],
} as const;

export function textOf(span: Span): string {
  return typeof span === 'string' ? span : span[0];
}

export function toneOf(span: Span): Tone {
  return typeof span === 'string' ? 'plain' : span[1];
}

export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + widthOf(textOf(span)), 0);
}

/** At most `width` columns, the last piece cut. */
export function fitted(spans: readonly Span[], width: number): Span[] {
  const kept: Span[] = [];
  let left = width;
  for (const span of spans) {
    const text = textOf(span);
    const wide = widthOf(text);
    if (wide <= left) kept.push(span);
    else if (left > 0) kept.push([cut(text, left), toneOf(span)]);
    left -= Math.min(wide, left);
  }
  return kept;
}

/** Left and right pieces with space between them, exactly `width` columns; the right one stays. */
export function apart(left: readonly Span[], right: readonly Span[], width: number): Span[] {
  const room = Math.max(0, width - spansWidth(right));
  const start = fitted(left, right.length > 0 ? Math.max(0, room - 1) : room);
  return [...start, ' '.repeat(Math.max(0, room - spansWidth(start))), ...fitted(right, width)];
}

/** One string with the terminal's codes in it, as one Ink `Text` takes it. */
export function paint(spans: readonly Span[]): string {
  let line = '';
  for (const span of spans) {
    const text = textOf(span);
    if (text === '') continue;
    const [on, off] = CODES[toneOf(span)];
    line += on + text + off;
  }
  return line;
}
