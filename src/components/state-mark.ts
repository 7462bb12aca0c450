import type { Condition } from '../state/containers.ts';
import type { Span, Tone } from './spans.ts';

const MARKS: Record<Condition, readonly [string, Tone]> = {
  good: ['●', 'good'],
  look: ['▲', 'look'],
  bad: ['✖', 'bad'],
  off: ['○', 'dim'],
  loading: ['◌', 'dim'],
  stale: ['≈', 'look'],
};

/** The sign of a condition. Its word stands beside it, so that nobody needs the colour. */
export function mark(condition: Condition): Span {
  return MARKS[condition];
}

export function toneFor(condition: Condition): Tone {
  return condition === 'good' ? 'plain' : MARKS[condition][1];
}
