import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { PortSyncError } from '../../errors.ts';
import type { Listed, Seen, StatsAnswer } from './answers.ts';
import { type Dial, DialAgent } from './dial.ts';
import { engineError } from './errors.ts';
import { checkedVersion } from './version.ts';

/** Not exec_start and its like: health checks make many of them. */
const WATCHED =
  'create start die stop oom pause unpause restart rename update destroy health_status'.split(' ');

export interface LogRange {
  tail: number | 'all';
  follow: boolean;
  /** Seconds since the epoch with nanoseconds; empty for no bound. */
  since: string;
}

/** The few calls PortSync makes of an engine. Every one rejects with a translated error. */
export class EngineApi {
  /** As errors name it: a path or a URL without secrets. */
  readonly where: string;
  readonly #agent: DialAgent;
  #docker: Promise<Dockerode> | null = null;

  constructor(where: string, dial: Dial) {
    this.where = where;
    this.#agent = new DialAgent(dial);
  }

  ping(signal: AbortSignal): Promise<unknown> {
    return this.#dial('GET', '/_ping', {}, false, signal);
  }

  /** @throws ExternalError `engine-too-old`, `not-an-engine` */
  async version(signal: AbortSignal): Promise<string> {
    type Answer = { Version?: string; ApiVersion?: string } | null;
    const answer = await this.#dial<Answer>('GET', '/version', {}, false, signal).catch(
      (error: PortSyncError) => {
        // It speaks HTTP, and knows nothing of this.
        if (error.code === 'no-such-container') return null;
        throw error;
      },
    );
    return checkedVersion(answer?.Version, answer?.ApiVersion, this.where);
  }

  list(signal: AbortSignal): Promise<Listed[]> {
    return this.#ask(signal, (docker) => docker.listContainers({ all: true, abortSignal: signal }));
  }

  inspect(id: string, signal: AbortSignal): Promise<Seen> {
    return this.#ask(signal, (docker) => docker.getContainer(id).inspect({ abortSignal: signal }));
  }

  stats(id: string, signal: AbortSignal): Promise<StatsAnswer> {
    const once = { stream: false, 'one-shot': true };
    return this.#dial('GET', `/containers/${encodeURIComponent(id)}/stats?`, once, false, signal);
  }

  /** One JSON object per line for every change of a container, until `signal` aborts. */
  events(signal: AbortSignal): Promise<Readable> {
    const filters = JSON.stringify({ type: ['container'], event: WATCHED });
    return this.#ask(signal, async (docker) => {
      const stream = await docker.getEvents({ filters, abortSignal: signal });
      return stream as unknown as Readable;
    });
  }

  /** The bytes as the engine keeps them: frames, or plain when the container has a terminal. */
  logs(id: string, range: LogRange, signal: AbortSignal): Promise<Readable> {
    // dockerode's own call parses what it does not follow: a log that looks like JSON comes back as
    // an object.
    const options = { stdout: true, stderr: true, timestamps: true, ...range };
    const path = `/containers/${encodeURIComponent(id)}/logs?`;
    return this.#dial<Readable>('GET', path, options, true, signal);
  }

  start(id: string, signal: AbortSignal): Promise<unknown> {
    return this.#act(id, 'start', signal);
  }

  stop(id: string, signal: AbortSignal): Promise<unknown> {
    return this.#act(id, 'stop', signal);
  }

  restart(id: string, signal: AbortSignal): Promise<unknown> {
    return this.#act(id, 'restart', signal);
  }

  /** Any other call, as the Engine API documents it. */
  request<T>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    { query = {}, body = {} }: { query?: object; body?: unknown },
    signal: AbortSignal,
  ): Promise<T> {
    return this.#dial(method, `${path}?`, { _query: query, _body: body }, false, signal);
  }

  /** The same, for an answer that is read while it comes. */
  stream(
    method: 'GET' | 'POST',
    path: string,
    query: object,
    signal: AbortSignal,
  ): Promise<Readable> {
    return this.#dial(method, `${path}?`, { _query: query, _body: {} }, true, signal);
  }

  /** An error of a stream that this gave. */
  translated(error: unknown): PortSyncError {
    return engineError(error, this.where);
  }

  close(): void {
    this.#agent.destroy();
  }

  #act(id: string, verb: string, signal: AbortSignal): Promise<unknown> {
    return this.#dial('POST', `/containers/${encodeURIComponent(id)}/${verb}`, {}, false, signal);
  }

  #dial<T>(
    method: string,
    path: string,
    options: object,
    isStream: boolean,
    abortSignal: AbortSignal,
  ): Promise<T> {
    // 304: it is in that state already.
    const statusCodes = { 200: true, 201: true, 204: true, 304: true };
    const request = { method, path, options, isStream, abortSignal, statusCodes };
    return this.#ask(
      abortSignal,
      (docker) =>
        new Promise<T>((resolve, reject) => {
          docker.modem.dial(request, (error: unknown, answer: unknown) =>
            error ? reject(error) : resolve(answer as T),
          );
        }),
    );
  }

  async #ask<T>(signal: AbortSignal, what: (docker: Dockerode) => Promise<T>): Promise<T> {
    try {
      signal.throwIfAborted();
      this.#docker ??= client(this.#agent);
      return await unlessAborted(this.#docker.then(what), signal);
    } catch (error) {
      throw engineError(error, this.where, signal);
    }
  }
}

async function client(agent: DialAgent): Promise<Dockerode> {
  const { default: Docker } = await import('dockerode');
  // dockerode reads these for every client, whatever its options say, and throws when they are not
  // to its liking.
  const { DOCKER_HOST, DOCKER_CERT_PATH } = process.env;
  delete process.env.DOCKER_HOST;
  delete process.env.DOCKER_CERT_PATH;
  try {
    const options = { protocol: 'http' as const, host: 'docker', port: 80, agent };
    return new Docker(options);
  } finally {
    if (DOCKER_HOST !== undefined) process.env.DOCKER_HOST = DOCKER_HOST;
    if (DOCKER_CERT_PATH !== undefined) process.env.DOCKER_CERT_PATH = DOCKER_CERT_PATH;
  }
}

/** A request that waits for its connection does not hear an abort: here it does. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.catch(() => {});
  }
}
