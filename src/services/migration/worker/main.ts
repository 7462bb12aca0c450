import { CancelledError, PortSyncError, UsageError } from '../../../errors.ts';
import { problemOf } from '../problems.ts';
import type { WorkerMessage } from './spawn.ts';
import { type Task, work } from './work.ts';

// A process of its own, in a session of its own: it outlives the terminal and the SSH connection
// that it was started from. Its output is the migration's log.
const task: Task = JSON.parse(process.argv[2] ?? '{}');
const life = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => life.abort(new CancelledError()));
}
process.on('SIGHUP', () => {});

const tell = (message: WorkerMessage) => {
  if (process.connected) process.send?.(message, () => process.connected && process.disconnect());
};

work(task, () => tell({ type: 'ready' }), life).catch((error) => {
  const problem = problemOf(error);
  const stack = error instanceof PortSyncError ? '' : `\n${(error as Error).stack}`;
  process.stderr.write(`${new Date().toISOString()} ${JSON.stringify(problem)}${stack}\n`);
  tell({ type: 'failed', usage: error instanceof UsageError, problem });
  process.exitCode = 1;
});
