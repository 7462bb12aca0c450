import { toProblem } from '../errors.ts';
import { deadlineIn } from '../limit.ts';
import { failed, loading, type Reading, ready } from '../model/reading.ts';
import type { Probe } from '../ports/probe.ts';

const BETWEEN_MS = 1000;

/** Looks twice, a second apart, so that rates are known; once where the first look fails. */
export async function glance<T>(probe: Probe<T>, signal: AbortSignal): Promise<Reading<T>> {
  const first = await look(probe, loading, signal);
  if (first.state !== 'ready' || signal.aborted) return first;
  await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  return look(probe, first, signal);
}

/** One look, and what it makes of the last reading. */
export async function look<T>(
  probe: Probe<T>,
  previous: Reading<T>,
  signal: AbortSignal,
): Promise<Reading<T>> {
  // The probe itself says what took too long: an error of the limit would not.
  const limit = deadlineIn(probe.timeoutMs, signal);
  try {
    return ready(await probe.read(limit.signal), Date.now());
  } catch (error) {
    return failed(previous, toProblem(error), Date.now());
  } finally {
    limit.end();
  }
}
