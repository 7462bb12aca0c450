import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { CancelledError, ExternalError, UsageError } from '../../../errors.ts';
import type { LogOptions } from '../../../model/actions.ts';
import type { LogLine } from '../../../model/container.ts';
import type { Problem } from '../../../model/problem.ts';
import type { Answer, Args, CallName } from './calls.ts';

/** Asks a running lab, over its control socket. */
export class ControlClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** @throws what the lab threw; ExternalError `lab-gone` when it does not answer. */
  async call<Name extends CallName>(
    name: Name,
    args: Args<Name>,
    signal: AbortSignal,
  ): Promise<Answer<Name>> {
    const res = await this.#send('POST', `/call/${name}`, signal, JSON.stringify(args));
    const body = await text(res).catch((error) => {
      throw translate(error, signal);
    });
    const answer = JSON.parse(body);
    if (res.statusCode === 200) return answer as Answer<Name>;
    throw revive(answer);
  }

  async *logs(name: string, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogLine> {
    const query = `tail=${options.tail}${options.follow ? '&follow' : ''}`;
    const res = await this.#send('GET', `/logs/${encodeURIComponent(name)}?${query}`, signal);
    if (res.statusCode !== 200) throw revive(JSON.parse(await text(res)));
    try {
      for await (const line of createInterface({ input: res })) yield JSON.parse(line);
    } finally {
      res.destroy();
    }
  }

  async #send(method: string, path: string, signal: AbortSignal, body?: string) {
    try {
      const sent: ClientRequest = request({
        socketPath: this.#socketPath,
        method,
        path,
        signal,
        agent: false,
      });
      sent.end(body);
      const [res] = await once(sent, 'response');
      return res as IncomingMessage;
    } catch (error) {
      throw translate(error, signal);
    }
  }
}

function translate(error: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason instanceof Error ? signal.reason : new CancelledError();
  return new ExternalError({
    code: 'lab-gone',
    message: 'The lab does not answer.',
    why: 'The process that runs it has ended, or is ending.',
    next: 'Start it again: portsync lab',
    cause: error,
  });
}

function revive({ usage, problem }: { usage: boolean; problem: Problem }): Error {
  return usage ? new UsageError(problem) : new ExternalError(problem);
}

async function text(res: IncomingMessage): Promise<string> {
  let body = '';
  res.setEncoding('utf8');
  for await (const chunk of res) body += chunk;
  return body;
}
