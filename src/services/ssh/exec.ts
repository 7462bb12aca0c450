import { randomBytes } from 'node:crypto';
import type { RunOptions } from '../../ports/executor.ts';
import {
  commandTimedOut,
  DEFAULT_MAX_BYTES,
  outputTooBig,
  programOf,
  stopped,
} from '../executor/stopped.ts';
import { connectError } from './errors.ts';
import { commandLine } from './quote.ts';
import { announced, type Ended, RemoteProcess } from './remote-process.ts';
import type { Open, Session } from './session.ts';

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
  const { signal, input, maxBytes = DEFAULT_MAX_BYTES } = options;
  const mark = `portsync-${randomBytes(6).toString('hex')}:`;
  // The login shell makes way, so that the command's group is the session's.
  const line = `exec ${commandLine(announced(command, mark))}`;
  const limit = AbortSignal.timeout(options.timeoutMs);
  const tooMuch = new AbortController();
  const start: Open<RemoteProcess> = (link, answer) => {
    link.client.exec(line, (error, channel) => {
      const settings = { mark, maxBytes, onOverflow: () => tooMuch.abort() };
      if (error) answer(error);
      else answer(null, new RemoteProcess(channel, link, settings));
    });
  };
  const opened = await session
    .openSession(start, AbortSignal.any([signal, limit]))
    .catch((error: unknown) => {
      if (limit.aborted && !signal.aborted) throw connectError(limit.reason, session.where);
      throw notOpened(error, signal, session.where);
    });
  try {
    const stop = AbortSignal.any([signal, limit, tooMuch.signal]);
    const ended = await endedBy(opened.made, input, stop);
    if (ended === null && signal.aborted) throw stopped(signal, `${program} on ${session.where}`);
    if (tooMuch.signal.aborted) throw outputTooBig(program, session.where, maxBytes);
    if (ended === null) throw commandTimedOut(program, session.where, options.timeoutMs);
    if (ended.exitCode === null) throw session.lossError();
    return { ...ended, exitCode: ended.exitCode };
  } finally {
    opened.release();
  }
}

/** How the command ended; null when it had to be ended because of `stop`. */
async function endedBy(
  remote: RemoteProcess,
  input: RunOptions['input'],
  stop: AbortSignal,
): Promise<Ended | null> {
  remote.channel.end(input === undefined ? undefined : Buffer.from(input));
  const ended = await Promise.race([remote.ended, aborted(stop)]);
  if (ended === null) await remote.close();
  return ended;
}

/** Until there is a channel, a time that is up means that the machine did not answer. */
export function notOpened(error: unknown, signal: AbortSignal, where: string): unknown {
  if (!signal.aborted) return error;
  const late = (signal.reason as Error | undefined)?.name === 'TimeoutError';
  return late ? connectError(signal.reason, where) : stopped(signal, where);
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
