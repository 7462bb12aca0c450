import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import writeFileAtomic from 'write-file-atomic';
import { timeLimit } from '../../limit.ts';
import type { Executor } from '../../ports/executor.ts';
import { fileError } from './file-errors.ts';
import { stopped } from './stopped.ts';

const CONNECT_MS = 10_000;

/** This machine. */
export function openLocal(): Executor {
  return {
    address: 'local',
    async run(command, options) {
      // Most looks at this machine start no program.
      const { runLocal } = await import('./local-run.ts');
      return runLocal(command, options);
    },
    async readFile(path, signal) {
      return guard('read', path, signal, () => readFile(path, { signal }));
    },
    async writeFile(path, data, mode, signal) {
      await guard('write', path, signal, () => {
        signal.throwIfAborted();
        return writeFileAtomic(path, Buffer.from(data), { mode });
      });
    },
    async connectUnix(path, signal) {
      const limit = timeLimit(CONNECT_MS, signal);
      return guard('connect', path, limit, () => connectLocal(path, limit));
    },
    async close() {},
  };
}

async function guard<T>(
  doing: 'read' | 'write' | 'connect',
  path: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) throw stopped(signal, path);
    const { code, message } = error as NodeJS.ErrnoException;
    throw fileError(doing, path, 'local', code ? `${code}: ${message}` : message, error);
  }
}

function connectLocal(path: string, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = connect({ path });
    const onAbort = () => socket.destroy(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('close', () => signal.removeEventListener('abort', onAbort));
  });
}
