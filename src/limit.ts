import { setMaxListeners } from 'node:events';
import { CancelledError } from './errors.ts';

/**
 * Aborts with `signal`, or after `ms`; it stays with `signal` until one of both. Not AbortSignal.any of an
 * AbortSignal.timeout: on Node 20 nothing holds that timeout, and once the garbage collector has taken it
 * the limit never comes; and each call of it stays with a signal that lives on.
 */
export function timeLimit(ms: number, signal: AbortSignal): AbortSignal {
  const { signal: own, timer } = limited(ms, signal);
  // A limit that is still far off keeps no program from ending.
  timer.unref();
  return own;
}

/** The same, also at its `end`. */
export function deadlineIn(ms: number, signal: AbortSignal) {
  const { signal: own, stop } = limited(ms, signal);
  return { signal: own, end: () => stop(new CancelledError()) };
}

function limited(ms: number, signal: AbortSignal) {
  const own = new AbortController();
  const stop = (reason: unknown) => {
    clearTimeout(timer);
    signal.removeEventListener('abort', aborted);
    own.abort(reason);
  };
  const aborted = () => stop(signal.reason);
  const timer = setTimeout(() => stop(new DOMException('Time is up.', 'TimeoutError')), ms);
  // Many limits at once are no leak.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', aborted);
  if (signal.aborted) aborted();
  return { signal: own.signal, stop, timer };
}

/** Gives `work` a signal that aborts with `signal`, or after `ms`; then it rejects. */
export async function within<T>(
  ms: number,
  signal: AbortSignal,
  work: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = deadlineIn(ms, signal);
  try {
    return await orAborted(work(limit.signal), limit.signal);
  } finally {
    limit.end();
  }
}

/** For what nobody may end but its own limit. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

/** Rejects when `signal` aborts, though what was asked may not have noticed it. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(reasonOf(signal));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await orAborted(slept, signal);
  } finally {
    clearTimeout(timer);
  }
}

/** All of it at once; the first failure stops the others. */
export async function together(
  signal: AbortSignal,
  works: ReadonlyArray<(signal: AbortSignal) => Promise<unknown>>,
): Promise<void> {
  const own = new AbortController();
  const stop = () => own.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const started = works.map((work) => orAborted(work(own.signal), own.signal));
  const all = Promise.all(started);
  all.catch((error) => own.abort(error));
  await Promise.allSettled(started);
  signal.removeEventListener('abort', stop);
  await all;
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new CancelledError(signal.reason);
}
