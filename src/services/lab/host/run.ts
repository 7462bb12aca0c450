import { CancelledError } from '../../../errors.ts';
import type { LabInfo } from '../control/calls.ts';
import { type LabOptions, startLab } from './lab.ts';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * A lab in this process, from its start to a signal, the end of whoever holds the other end of its
 * channel, or a bug; everything is removed then. Resolves after a lab that was `ready`.
 * @throws CancelledError when it was stopped before that.
 */
export async function runLab(
  options: Omit<LabOptions, 'signal'>,
  ready: (info: LabInfo) => void,
): Promise<void> {
  const stop = new AbortController();
  const end = (reason: unknown) => stop.abort(reason);
  const cancel = () => end(new CancelledError());
  for (const signal of SIGNALS) process.on(signal, cancel);
  if (process.connected) process.once('disconnect', cancel);
  process.once('uncaughtException', end).once('unhandledRejection', end);
  const lab = await startLab({ ...options, signal: stop.signal }).catch((error) => {
    throw isBug(stop.signal) ? stop.signal.reason : error;
  });
  ready(lab.info);
  if (!stop.signal.aborted) {
    await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
  }
  await lab.stop();
  if (isBug(stop.signal)) throw stop.signal.reason;
}

/** Told after all was cleared away. */
function isBug({ aborted, reason }: AbortSignal): boolean {
  return aborted && !(reason instanceof CancelledError);
}
