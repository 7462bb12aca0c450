import type { Problem } from './problem.ts';

/** One value read from outside, with its age. Times are ms since the epoch. */
export type Reading<T> =
  | { state: 'loading' }
  | { state: 'absent'; why: string; next: string | null }
  | { state: 'ready'; data: T; seenAt: number }
  | { state: 'stale'; data: T | null; seenAt: number | null; since: number; error: Problem };

export const loading: Reading<never> = { state: 'loading' };

export function dataOf<T>(reading: Reading<T>): T | null {
  return reading.state === 'ready' || reading.state === 'stale' ? reading.data : null;
}

export function ready<T>(data: T, seenAt: number): Reading<T> {
  return { state: 'ready', data, seenAt };
}

/** A failed look keeps the last good data; `since` is when the first of a run of failures was seen. */
export function failed<T>(previous: Reading<T>, error: Problem, at: number): Reading<T> {
  if (previous.state === 'stale') return { ...previous, error };
  const known = previous.state === 'ready';
  return {
    state: 'stale',
    data: known ? previous.data : null,
    seenAt: known ? previous.seenAt : null,
    since: at,
    error,
  };
}
