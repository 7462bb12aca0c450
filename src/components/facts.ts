import type { Span, Tone } from './spans.ts';
import { gauge, sparkline } from './sparkline.ts';
import { pad, widthOf } from './text.ts';

/** One figure with its name; behind it the course of its `values`, or how full something is. */
export interface Fact {
  label: string;
  value: string;
  tone?: Tone;
  values?: ReadonlyArray<number | null>;
  /** Where the sparkline's scale ends at least. */
  top?: number;
  /** 0–100 */
  full?: number | null;
}

interface Widths {
  width: number;
  label: number;
  /** Figures are set right-aligned in it, so that they don't jump. */
  value: number;
}

/** One row per figure: name, value, its course. */
export function factRows(facts: readonly Fact[], { width, label, value }: Widths): Span[][] {
  return facts.map((fact) => {
    const number: Span = [pad(fact.value, value, 'right'), fact.tone ?? 'plain'];
    const room = width - label - value - 3;
    return [' ', [pad(fact.label, label), 'dim'], number, '  ', [drawn(fact, room), 'dim']];
  });
}

const LONGEST = 40;

function drawn({ values, top = 0, full }: Fact, room: number): string {
  const width = Math.max(0, Math.min(room, LONGEST));
  if (full !== undefined) return gauge(full, width);
  return values ? sparkline(values, width, top) : '';
}

/** A sentence-like fact: its text starts at the same column as others' and takes the rest. */
export function textRow(label: string, text: string, width: number, tone: Tone = 'plain'): Span[] {
  return [' ', [pad(label, width), 'dim'], ' ', [text, tone]];
}

/** Two figures beside each other. */
export function pairRow(left: Fact, right: Fact, width: number): Span[] {
  const first = Math.floor((width - 5) / 2);
  return [' ', ...cell(left, first), '  ', ...cell(right, width - 4 - first), ' '];
}

function cell(fact: Fact, width: number): Span[] {
  const room = width - widthOf(fact.label) - 1;
  return [
    [fact.label, 'dim'],
    [pad(` ${fact.value}`, room + 1, 'right'), fact.tone ?? 'plain'],
  ];
}
