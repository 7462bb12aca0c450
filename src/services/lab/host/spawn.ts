import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledError, ExternalError, UsageError } from '../../../errors.ts';
import { ownProgram } from '../../programs.ts';
import type { LabInfo } from '../control/calls.ts';
import type { HostMessage, HostOptions } from './messages.ts';

const STOP_LIMIT_MS = 30_000;
const LAST_WORDS = 600;

/** A lab in a process of its own, which ends it when this process ends. */
export interface SpawnedLab {
  info: LabInfo;
  pid: number;
  stop(): Promise<void>;
}

/** @throws what kept the lab from starting; CancelledError when `signal` aborts before it is ready. */
export async function spawnLab(
  options: HostOptions,
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<SpawnedLab> {
  const { command, args } = ownProgram('lab-host');
  const host = spawn(command, [...args, JSON.stringify(options)], {
    // A Ctrl-C in the terminal is for us; we tell the host ourselves.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const stop = () => end(host);
  try {
    const info = await untilReady(host, progress, signal);
    return { info, pid: host.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function untilReady(
  host: ChildProcess,
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<LabInfo> {
  let words = '';
  host.stderr?.on('data', (chunk) => {
    words = (words + chunk).slice(-LAST_WORDS);
  });
  return new Promise((resolve, reject) => {
    const cancel = () => reject(new CancelledError(signal.reason));
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    host.on('message', (message: HostMessage) => {
      if (message.type === 'progress') progress(message.text);
      else if (message.type === 'ready') resolve(message.info);
      else
        reject(
          message.usage ? new UsageError(message.problem) : new ExternalError(message.problem),
        );
    });
    host.once('error', reject);
    host.once('exit', (code) => reject(died(code, words)));
  });
}

async function end(host: ChildProcess): Promise<void> {
  if (host.exitCode !== null || host.signalCode !== null || host.pid === undefined) return;
  const exited = once(host, 'exit');
  host.kill('SIGTERM');
  const waited = new AbortController();
  await Promise.race([exited, sleep(STOP_LIMIT_MS, null, { signal: waited.signal })]);
  waited.abort();
  host.kill('SIGKILL');
}

function died(code: number | null, words: string): ExternalError {
  return new ExternalError({
    code: 'lab-died',
    message: 'The lab ended before it was ready.',
    why: words.trim() || `Its process exited with code ${code ?? 'none: it was killed'}.`,
    next: 'Start it again; what it left is removed then.',
  });
}
