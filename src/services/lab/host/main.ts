import { CancelledError, toProblem, UsageError } from '../../../errors.ts';
import type { HostMessage, HostOptions } from './messages.ts';
import { runLab } from './run.ts';

// The lab as a child of the dashboard: it ends with its parent, however that ends.
const options: HostOptions = JSON.parse(process.argv[2] ?? '{}');
const tell = (message: HostMessage) => {
  if (process.connected) process.send?.(message, () => {});
};

const progress = (text: string) => tell({ type: 'progress', text });

runLab({ ...options, progress }, (info) => tell({ type: 'ready', info }))
  .catch((error) => {
    if (error instanceof CancelledError) return;
    tell({ type: 'failed', usage: error instanceof UsageError, problem: toProblem(error) });
    process.exitCode = 1;
  })
  .finally(() => {
    if (process.connected) process.disconnect();
  });
