import type { Problem } from './problem.ts';
import type { Reading } from './reading.ts';

/** One pane as `portsync status --json` answers it; stable for scripts. */
export interface PaneStatus<T> {
  state: 'ready' | 'stale' | 'loading' | 'absent';
  /** ISO 8601 UTC, of the oldest data in it. */
  seenAt: string | null;
  error: Problem | null;
  items: T[];
}

/** A pane is as good as the worst of its sources. */
export function paneStatus<T>(
  readings: ReadonlyArray<Reading<unknown>>,
  items: T[],
): PaneStatus<T> {
  const times = readings.flatMap((reading) =>
    'seenAt' in reading && reading.seenAt !== null ? [reading.seenAt] : [],
  );
  return {
    state: worst(readings),
    seenAt: times.length > 0 ? new Date(Math.min(...times)).toISOString() : null,
    error: firstError(readings),
    items,
  };
}

function worst(readings: ReadonlyArray<Reading<unknown>>): PaneStatus<unknown>['state'] {
  const has = (state: string) => readings.some((reading) => reading.state === state);
  if (has('stale')) return 'stale';
  if (has('loading')) return 'loading';
  return has('ready') ? 'ready' : 'absent';
}

function firstError(readings: ReadonlyArray<Reading<unknown>>): Problem | null {
  for (const reading of readings) {
    if (reading.state === 'stale') return reading.error;
  }
  const [only] = readings;
  if (readings.length !== 1 || only?.state !== 'absent') return null;
  return { code: 'absent', message: only.why, why: null, next: only.next };
}
