import { randomBytes } from 'node:crypto';
import type { RunOptions } from '../../ports/executor.ts';
import {
  commandTimedOut,
  DEFAULT_MAX_BYTES,
  outputTooBig,
  programOf,
  stopped,
} from '../executor/stopped.ts';
import { endRemote } from './end-remote.ts';
import { connectError } from './errors.ts';
import { commandLine } from './quote.ts';
import { announced, RemoteProcess } from './remote-process.ts';
import type { Opened, Session } from './session.ts';

export interface ExecResult {
  exitCode: number;
  stdout: Buffer;
  stderr: Buffer;
}

/** Runs one command there. The time limit counts from now: waiting and connecting are part of it. */
export async function exec(
  session: Session,
  command: readonly string[],
  options: RunOptions,
): Promise<ExecResult> {
  const program = programOf(command);
  const mark = `portsync-${randomBytes(6).toString('hex')}:`;
  // The login shell makes way, so that the command's group is the session's.
  const line = `exec ${commandLine(announced(command, mark))}`;
  const limit = AbortSignal.timeout(options.timeoutMs);
  const ending = AbortSignal.any([options.signal, limit]);
  const opened = await session
    .openSession((client, answer) => client.exec(line, answer), ending)
    .catch((error: unknown) => {
      if (limit.aborted && !options.signal.aborted) throw connectError(limit.reason, session.where);
      throw notOpened(error, options.signal, session.where);
    });
  try {
    return await finished(session, opened, { ...options, program, mark, limit });
  } finally {
    opened.release();
  }
}

/** Until there is a channel, a time that is up means that the machine did not answer. */
export function notOpened(error: unknown, signal: AbortSignal, where: string): unknown {
  if (!signal.aborted) return error;
  const late = (signal.reason as Error | undefined)?.name === 'TimeoutError';
  return late ? connectError(signal.reason, where) : stopped(signal, where);
}

interface Running extends RunOptions {
  program: string;
  mark: string;
  limit: AbortSignal;
}

async function finished(session: Session, opened: Opened, running: Running): Promise<ExecResult> {
  const { signal, limit, program, mark, input, maxBytes = DEFAULT_MAX_BYTES } = running;
  const tooMuch = new AbortController();
  const remote = new RemoteProcess(opened.channel, mark, maxBytes, () => tooMuch.abort());
  opened.channel.end(input === undefined ? undefined : Buffer.from(input));
  const stop = AbortSignal.any([signal, limit, tooMuch.signal]);
  const ended = await Promise.race([remote.ended, aborted(stop)]);
  if (ended === null) {
    await endRemote(remote, opened.link);
    if (signal.aborted) throw stopped(signal, `${program} on ${session.where}`);
    if (tooMuch.signal.aborted) throw outputTooBig(program, session.where, maxBytes);
    throw commandTimedOut(program, session.where, running.timeoutMs);
  }
  const { exitCode, stdout, stderr } = ended;
  if (exitCode === null) throw session.lossError();
  return { exitCode, stdout, stderr };
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
