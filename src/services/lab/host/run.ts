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
  const lab = await startLab({ ...options, signal: stop.signal });
  ready(lab.info);
  if (!stop.signal.aborted) {
    await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
  }
  await lab.stop();
  // A bug is told, after all was cleared away.
  if (!(stop.signal.reason instanceof CancelledError)) throw stop.signal.reason;
}
