import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { CancelledError, toProblem, UsageError } from '../../../errors.ts';
import type { LogRing } from '../machine/log-ring.ts';
import type { CallName, Handlers } from './calls.ts';

/**
 * The lab's door for other processes of the same person: HTTP on a unix socket in a directory that
 * nobody else may enter. `POST /call/NAME` with the arguments as a JSON array; `GET /logs/NAME`.
 */
export class ControlServer {
  readonly #handlers: Handlers;
  readonly #log: (name: string) => LogRing;
  readonly #server: Server;

  constructor(handlers: Handlers, log: (name: string) => LogRing) {
    this.#handlers = handlers;
    this.#log = log;
    this.#server = createServer((req, res) => {
      const gone = new AbortController();
      res.once('close', () => gone.abort(new CancelledError()));
      this.#answer(req, res, gone.signal).catch((error) => fail(res, error));
    });
    // A call may wait for a replica, or follow a log, as long as its caller stays.
    this.#server.requestTimeout = 0;
  }

  /** Answers the socket's path. */
  async listen(runtime: string): Promise<string> {
    const dir = join(runtime, 'control');
    await mkdir(dir, { mode: 0o700 });
    const path = join(dir, 'socket');
    this.#server.listen(path);
    await once(this.#server, 'listening');
    return path;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(req: IncomingMessage, res: ServerResponse, signal: AbortSignal): Promise<void> {
    const url = new URL(`http://lab${req.url ?? '/'}`);
    const [, kind, name = ''] = url.pathname.split('/').map(decodeURIComponent);
    if (kind === 'logs') return this.#sendLog(name, url.searchParams, res, signal);
    if (kind !== 'call' || !Object.hasOwn(this.#handlers, name)) throw noCall(name);
    const args = JSON.parse(await text(req));
    const answer = await this.#handlers[name as CallName](args as never, signal);
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify(answer ?? null));
  }

  /** One JSON object a line. */
  async #sendLog(name: string, query: URLSearchParams, res: ServerResponse, signal: AbortSignal) {
    const log = this.#log(name);
    const tail = Number(query.get('tail') ?? 200);
    res.writeHead(200, { 'content-type': 'application/x-ndjson' });
    res.flushHeaders();
    const lines = query.has('follow') ? log.follow(tail, signal) : log.tail(tail);
    for await (const line of lines) res.write(`${JSON.stringify(line)}\n`);
    res.end();
  }
}

function fail(res: ServerResponse, error: unknown): void {
  if (res.headersSent) return void res.destroy();
  const usage = error instanceof UsageError;
  res.writeHead(usage ? 400 : 500, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ usage, problem: toProblem(error) }));
}

function noCall(name: string): UsageError {
  return new UsageError({
    code: 'unknown-call',
    message: `This lab knows no “${name}”.`,
    why: 'It was started by another version of PortSync.',
    next: 'End it and start it again.',
  });
}

async function text(req: IncomingMessage): Promise<string> {
  let body = '';
  req.setEncoding('utf8');
  for await (const chunk of req) body += chunk;
  return body;
}
