import type { Span, Tone } from './spans.ts';

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

function clamped(percent: number): number {
  return Math.max(0, Math.min(percent, 100));
}

/** A bar of `width` columns filled to `percent` (0–100), to the eighth of a column. */
export function progressBar(percent: number, width: number, tone: Tone = 'accent'): Span[] {
  const eighths = Math.floor((clamped(percent) / 100) * width * 8);
  const filled = '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
  return [
    [filled, tone],
    ['░'.repeat(Math.max(0, width - filled.length)), 'dim'],
  ];
}

/** For lists: bars in rows one under the other do not melt together. */
export function lowBar(percent: number, width: number): Span[] {
  const filled = Math.floor((clamped(percent) / 100) * width);
  return [
    ['▆'.repeat(filled), 'accent'],
    ['▁'.repeat(width - filled), 'dim'],
  ];
}
