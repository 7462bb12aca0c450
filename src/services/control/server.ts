import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { CancelledError, toProblem, UsageError } from '../../errors.ts';
import type { Calls, Handlers } from './calls.ts';

/** Lines of one name, each a value that JSON can carry. */
export type Lines = (
  name: string,
  query: URLSearchParams,
  signal: AbortSignal,
) => AsyncIterable<unknown> | Iterable<unknown>;

/**
 * A process's door for others of the same person: HTTP on a unix socket, which must lie in a
 * directory that nobody else may enter. `POST /call/NAME` with the arguments as a JSON array;
 * `GET /logs/NAME` where there are lines to give, one JSON value each.
 */
export class ControlServer<Table extends Calls<Table>> {
  readonly #handlers: Handlers<Table>;
  readonly #lines: Lines | null;
  readonly #server: Server;

  constructor(handlers: Handlers<Table>, lines: Lines | null = null) {
    this.#handlers = handlers;
    this.#lines = lines;
    this.#server = createServer((req, res) => {
      const gone = new AbortController();
      res.once('close', () => gone.abort(new CancelledError()));
      this.#answer(req, res, gone.signal).catch((error) => fail(res, error));
    });
    // A call may wait for a replica, or follow a log, as long as its caller stays.
    this.#server.requestTimeout = 0;
  }

  async listen(path: string): Promise<void> {
    this.#server.listen(path);
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(req: IncomingMessage, res: ServerResponse, signal: AbortSignal): Promise<void> {
    const url = new URL(`http://portsync${req.url ?? '/'}`);
    const [, kind, name = ''] = url.pathname.split('/').map(decodeURIComponent);
    if (kind === 'logs' && this.#lines) {
      return sendLines(res, this.#lines(name, url.searchParams, signal));
    }
    if (kind !== 'call' || !Object.hasOwn(this.#handlers, name)) throw noCall(name);
    const args = JSON.parse(await text(req));
    const answer = await this.#handlers[name as keyof Table](args, signal);
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify(answer ?? null));
  }
}

async function sendLines(
  res: ServerResponse,
  lines: AsyncIterable<unknown> | Iterable<unknown>,
): Promise<void> {
  res.writeHead(200, { 'content-type': 'application/x-ndjson' });
  res.flushHeaders();
  for await (const line of lines) res.write(`${JSON.stringify(line)}\n`);
  res.end();
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
    message: `The running PortSync knows no “${name}”.`,
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
