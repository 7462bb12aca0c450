/**
 * Runs `works` side by side. The first failure stops the others, and is thrown when all have ended.
 */
export async function together(
  works: ReadonlyArray<(signal: AbortSignal) => Promise<void>>,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const forward = () => stop.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  if (signal.aborted) forward();
  let failure: { error: unknown } | null = null as { error: unknown } | null;
  const attempts = works.map(async (work) => {
    try {
      await work(stop.signal);
    } catch (error) {
      failure ??= { error };
      stop.abort(error);
    }
  });
  await Promise.all(attempts);
  signal.removeEventListener('abort', forward);
  if (failure) throw failure.error;
}
