import { loading, type Reading } from '../model/reading.ts';
import type { Probe } from '../ports/probe.ts';
import { look } from './glance.ts';

const SLOWEST_MS = 30_000;
const DRAWN_MS = 50;

/** Time until the next look: the usual pace, and after failures twice as long each time. */
export function nextDelay(everyMs: number, failures: number): number {
  return Math.max(everyMs, Math.min(everyMs * 2 ** failures, SLOWEST_MS));
}

/**
 * Reads `probe` until `signal` aborts, one look at a time: a slow system is asked less often, and
 * never twice at once.
 */
export async function poll<T>(
  probe: Probe<T>,
  onReading: (reading: Reading<T>) => void,
  signal: AbortSignal,
): Promise<void> {
  return follow(probe, await glimpse(probe, onReading, signal), onReading, signal);
}

/**
 * The first part of `poll`, where a probe has something to tell at once. Its failure is no news yet:
 * the whole look, which follows, will tell.
 */
export async function glimpse<T>(
  probe: Probe<T>,
  onReading: (reading: Reading<T>) => void,
  signal: AbortSignal,
): Promise<Reading<T>> {
  if (!probe.preview) return loading;
  const read = (limit: AbortSignal) => probe.preview?.(limit) as Promise<T>;
  const reading = await look({ ...probe, read }, loading, signal);
  if (reading.state !== 'ready' || signal.aborted) return loading;
  onReading(reading);
  return reading;
}

/** The rest of `poll`, after `first`. */
export async function follow<T>(
  probe: Probe<T>,
  first: Reading<T>,
  onReading: (reading: Reading<T>) => void,
  signal: AbortSignal,
): Promise<void> {
  let reading = first;
  // A look at many things keeps the event loop busy: what is known is drawn before.
  if (reading.state === 'ready') await pause(DRAWN_MS, signal);
  let failures = 0;
  while (!signal.aborted) {
    reading = await look(probe, reading, signal);
    failures = reading.state === 'stale' ? failures + 1 : 0;
    if (signal.aborted) break;
    onReading(reading);
    await pause(nextDelay(probe.everyMs, failures), signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
