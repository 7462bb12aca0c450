import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { ExternalError, UsageError } from '../../../errors.ts';
import type { Problem } from '../../../model/problem.ts';
import { ownProgram } from '../../programs.ts';
import { placesOf } from '../places.ts';
import type { Task } from './work.ts';

const START_LIMIT_MS = 60_000;

/**
 * Starts the worker again when a signal killed it, as an exhausted memory does: between the old
 * database's fence and the switch, an app that nobody helps could write nowhere. A shell is all that
 * takes, in a megabyte. A worker that ends by itself has said why.
 */
const KEEPER = `
for try in 1 2 3 4 5; do
  "$@"
  code=$?
  [ "$code" -gt 128 ] || exit "$code"
  [ "$try" = 1 ] || sleep 2
done
exit "$code"`;

/** From the worker to whoever started it. */
export type WorkerMessage =
  | { type: 'ready' }
  | { type: 'failed'; usage: boolean; problem: Problem };

/**
 * Starts a process that works on the migration whether or not this one lives on. Resolves when it can
 * be asked. @throws what kept it from that.
 */
export async function spawnWorker(task: Task): Promise<void> {
  const { log } = placesOf(task.projectDir);
  const { command, args } = ownProgram('migration-worker');
  const worker = [command, ...args, JSON.stringify(task)];
  const file = await open(log, 'a', 0o600);
  try {
    const keeper = spawn('/bin/sh', ['-c', KEEPER, 'portsync-migration', ...worker], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', file.fd, file.fd, 'ipc'],
    });
    await untilReady(keeper, log);
    keeper.unref();
  } finally {
    await file.close();
  }
}

function untilReady(keeper: ChildProcess, log: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(notStarted('It did not say so in time.', log)),
      START_LIMIT_MS,
    );
    const end = (settle: () => void) => {
      clearTimeout(timer);
      keeper.removeAllListeners();
      if (keeper.connected) keeper.disconnect();
      settle();
    };
    keeper.once('message', (message: WorkerMessage) => {
      if (message.type === 'ready') return end(resolve);
      const { usage, problem } = message;
      end(() => reject(usage ? new UsageError(problem) : new ExternalError(problem)));
    });
    keeper.once('error', (error) => end(() => reject(notStarted(error.message, log))));
    keeper.once('exit', (code) => end(() => reject(notStarted(`It exited with ${code}.`, log))));
  });
}

function notStarted(why: string, log: string): ExternalError {
  return new ExternalError({
    code: 'worker-not-started',
    message: 'The process that works on the migration could not be started.',
    why,
    next: `Its log may say more: ${log}`,
  });
}
