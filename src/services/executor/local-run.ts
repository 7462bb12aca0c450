import { constants } from 'node:os';
import { execa } from 'execa';
import { ExternalError } from '../../errors.ts';
import type { RunOptions, RunResult } from '../../ports/executor.ts';
import { commandTimedOut, DEFAULT_MAX_BYTES, outputTooBig, programOf, stopped } from './stopped.ts';

const GRACE_MS = 2_000;

/**
 * Runs one command as the leader of its own process group: ending it ends what it started, too, and
 * nothing can ask for a password on the terminal that a screen is drawn on.
 */
export async function runLocal(
  command: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const { signal, timeoutMs, input, maxBytes = DEFAULT_MAX_BYTES } = options;
  const program = programOf(command);
  if (signal.aborted) throw stopped(signal, program);
  const limit = AbortSignal.timeout(timeoutMs);
  const child = execa(program, command.slice(1), {
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    encoding: 'buffer',
    maxBuffer: maxBytes,
    reject: false,
    stripFinalNewline: false,
    detached: true,
  });
  const endGroup = groupEnder(child.pid);
  const tooMuch = new AbortController();
  for (const stream of [child.stdout, child.stderr]) {
    let bytes = 0;
    stream?.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes > maxBytes) tooMuch.abort();
    });
  }
  const ending = AbortSignal.any([signal, limit, tooMuch.signal]);
  ending.addEventListener('abort', endGroup);
  try {
    const result = await child;
    if (signal.aborted) throw stopped(signal, program);
    if (tooMuch.signal.aborted) throw outputTooBig(program, 'local', maxBytes);
    if (limit.aborted) throw commandTimedOut(program, 'local', timeoutMs);
    return toResult(result, program);
  } finally {
    ending.removeEventListener('abort', endGroup);
    if (child.pid) running.delete(child.pid);
  }
}

interface Ended {
  exitCode?: number | undefined;
  signal?: NodeJS.Signals | undefined;
  /** Why it could not be started. */
  code?: string | undefined;
  originalMessage?: string | undefined;
  stdout: unknown;
  stderr: unknown;
}

function toResult(result: Ended, program: string): RunResult {
  const stdout = text(result.stdout);
  const stderr = text(result.stderr);
  if (result.exitCode !== undefined) return { exitCode: result.exitCode, stdout, stderr };
  // As a shell counts: 128 and the signal's number.
  if (result.signal) return { exitCode: 128 + constants.signals[result.signal], stdout, stderr };
  if (result.code === 'ENOENT') return { exitCode: 127, stdout, stderr: `${program}: not found\n` };
  if (result.code === 'EACCES') {
    return { exitCode: 126, stdout, stderr: `${program}: permission denied\n` };
  }
  throw new ExternalError({
    code: 'command-failed',
    message: `${program} could not be started on this machine.`,
    why: result.originalMessage ?? null,
    cause: result,
  });
}

function text(output: unknown): string {
  return Buffer.from((output as Uint8Array | undefined) ?? []).toString('utf8');
}

// A detached group outlives us unless we end it ourselves.
const running = new Set<number>();
let watching = false;

function groupEnder(pid: number | undefined): () => void {
  if (pid === undefined) return () => {};
  running.add(pid);
  if (!watching) {
    watching = true;
    process.on('exit', () => {
      for (const each of running) killGroup(each, 'SIGKILL');
    });
  }
  return () => {
    killGroup(pid, 'SIGTERM');
    setTimeout(() => running.has(pid) && killGroup(pid, 'SIGKILL'), GRACE_MS).unref();
  };
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The whole group has ended.
  }
}
