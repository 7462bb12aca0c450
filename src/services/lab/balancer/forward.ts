import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { ProxyServer } from 'httpxy';
import type { Upstream } from './pool.ts';

const CONNECT_TIMEOUT_MS = 2_000;
const ANSWER_TIMEOUT_MS = 30_000;

/**
 * How one attempt ended: `answered`; `left`, by the client; `unsent`, so that any request may go
 * elsewhere; `broken`, with the replica perhaps having acted on it.
 */
export type Outcome = 'answered' | 'left' | 'unsent' | 'broken';

const proxy = new ProxyServer({ xfwd: true, proxyTimeout: ANSWER_TIMEOUT_MS });

/** A request that can be sent again: it changes nothing and has no body that is used up. */
export function mayRepeat(req: IncomingMessage): boolean {
  const bodyless =
    req.headers['transfer-encoding'] === undefined && !Number(req.headers['content-length'] ?? 0);
  return (req.method === 'GET' || req.method === 'HEAD') && bodyless;
}

export async function forward(
  upstream: Upstream,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Outcome> {
  const target = `http://127.0.0.1:${upstream.port}`;
  const repeatable = mayRepeat(req);
  let agent: Agent = upstream.agent;
  if (!repeatable) {
    const socket = await open(upstream.port);
    if (!socket) return 'unsent';
    agent = new OpenedAgent(socket);
    if (res.destroyed) socket.destroy();
  }
  // The library waits for the answer to close, which a client that left in between did already.
  if (res.destroyed) return 'left';
  // The first attempt ended the request's own stream, which a later one could not end again.
  const buffer = repeatable ? { buffer: Readable.from([]) } : {};
  try {
    await proxy.web(req, res, { target, agent, ...buffer });
  } catch (error) {
    if (res.destroyed && !res.errored) return 'left';
    return isRefused(error) ? 'unsent' : 'broken';
  }
  return res.writableFinished ? 'answered' : 'left';
}

/** Passes a WebSocket on; `unsent` when the replica took no connection. */
export async function forwardUpgrade(
  upstream: Upstream,
  req: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<Outcome> {
  const opened = await open(upstream.port);
  if (!opened) return 'unsent';
  const target = `http://127.0.0.1:${upstream.port}`;
  try {
    await proxy.ws(req, socket, { target, agent: new OpenedAgent(opened) }, head);
  } catch {
    return 'broken';
  }
  return 'answered';
}

/**
 * Requests that must not be sent twice get a connection of their own, opened before their first
 * byte: a kept one may be closed by the replica just as it is used, and nobody could tell whether
 * the request was taken.
 */
class OpenedAgent extends Agent {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super({ keepAlive: false });
    this.#socket = socket;
  }

  override createConnection(): Socket {
    return this.#socket;
  }
}

function open(port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const give = (result: Socket | null) => {
      socket.removeAllListeners();
      socket.setTimeout(0);
      if (!result) socket.on('error', () => {}).destroy();
      resolve(result);
    };
    socket.once('connect', () => give(socket));
    socket.once('error', () => give(null));
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => give(null));
  });
}

function isRefused(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
}
