import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { CancelledError, ExternalError, UsageError } from '../../errors.ts';
import type { Problem } from '../../model/problem.ts';
import type { Answer, Args, Calls } from './calls.ts';

/** Asks another process of ours over its control socket. */
export class ControlClient<Table extends Calls<Table>> {
  readonly #socketPath: string;
  readonly #gone: (cause: unknown) => Error;

  /** `gone` makes the error for a process that does not answer. */
  constructor(socketPath: string, gone: (cause: unknown) => Error) {
    this.#socketPath = socketPath;
    this.#gone = gone;
  }

  /** @throws what the process threw, or `gone`. */
  async call<Name extends keyof Table & string>(
    name: Name,
    args: Args<Table[Name]>,
    signal: AbortSignal,
  ): Promise<Answer<Table[Name]>> {
    const res = await this.#send('POST', `/call/${name}`, signal, JSON.stringify(args));
    const body = await text(res).catch((error) => {
      throw this.#translate(error, signal);
    });
    const answer = JSON.parse(body);
    if (res.statusCode === 200) return answer;
    throw revive(answer);
  }

  /** What it has to say of `name`, line by line. */
  async *lines<Line>(
    name: string,
    query: Record<string, string>,
    signal: AbortSignal,
  ): AsyncGenerator<Line> {
    const path = `/logs/${encodeURIComponent(name)}?${new URLSearchParams(query)}`;
    const res = await this.#send('GET', path, signal);
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
      throw this.#translate(error, signal);
    }
  }

  #translate(error: unknown, signal: AbortSignal): Error {
    if (!signal.aborted) return this.#gone(error);
    return signal.reason instanceof Error ? signal.reason : new CancelledError();
  }
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
