import { PortSyncError } from '../../errors.ts';
import type { NodeFigures } from '../../model/node.ts';
import type { Executor } from '../../ports/executor.ts';
import type { Probe } from '../../ports/probe.ts';
import { stopped } from '../executor/stopped.ts';
import { lookLocal } from './local.ts';
import { figures, type Look } from './look.ts';
import { unreadable } from './proc.ts';
import { lookRemote } from './remote.ts';

export interface NodeProbeOptions {
  /** As the node is called on the screen. */
  name: string;
  /** Stays the caller's: closing the probe does not close it. */
  executor: Executor;
  /** Where the engine keeps its data; the disk that matters. Default /var/lib/docker. */
  dataDir?: string;
}

/** Looks at one machine: this one from /proc, another one with one command over SSH, no agent. */
export function nodeProbe(options: NodeProbeOptions): Probe<NodeFigures> {
  const { name, executor, dataDir = '/var/lib/docker' } = options;
  const local = executor.address === 'local';
  const look = local ? lookLocal : lookRemote;
  let before: Look | null = null;
  return {
    id: `node:${name}`,
    everyMs: local ? 1_000 : 2_000,
    timeoutMs: local ? 5_000 : 15_000,
    async read(signal) {
      try {
        const now = await look(executor, dataDir, signal);
        const seen = figures(name, executor.address, now, before);
        before = now;
        return seen;
      } catch (error) {
        if (error instanceof PortSyncError) throw error;
        if (signal.aborted) throw stopped(signal, `Looking at ${name}`);
        throw unreadable(name, (error as Error).message, error);
      }
    },
    async close() {},
  };
}
