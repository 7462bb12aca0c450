import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { timeLimit } from '../../../limit.ts';
import type { Colour } from '../../../model/container.ts';
import { keepChecking } from './checks.ts';
import { forward, forwardUpgrade, mayRepeat } from './forward.ts';
import { Gate, type Settle } from './gate.ts';
import { Pool, Upstream } from './pool.ts';
import { RollingWindow } from './window.ts';

const ATTEMPTS = 4;
/** How long a request waits for some replica to be up before it is turned away. */
const QUEUE_MS = 1_000;
/** Longer than clients keep an idle connection, so that it is they who close it. */
const KEEP_ALIVE_MS = 65_000;

/** An HTTP load balancer in this process, on a port of 127.0.0.1. */
export class Balancer {
  readonly gate = new Gate();
  readonly pool = new Pool();
  readonly window = new RollingWindow();
  serving: Colour | null = null;
  readonly #healthPath: string;
  readonly #server: Server;
  readonly #stopped = new AbortController();
  readonly #upgraded = new Set<Socket>();

  constructor(healthPath: string) {
    this.#healthPath = healthPath;
    this.#server = createServer((req, res) => void this.#serve(req, res));
    this.#server.on(
      'upgrade',
      (req, socket: Socket, head) => void this.#upgrade(req, socket, head),
    );
    // Held requests wait inside; the gate's own deadline bounds them.
    this.#server.requestTimeout = 0;
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.pool.setMaxListeners(0);
  }

  async listen(port = 0): Promise<string> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  add(name: string, colour: Colour, port: number): Upstream {
    const upstream = new Upstream(name, colour, port);
    this.pool.add(upstream);
    void keepChecking(this.pool, upstream, this.#healthPath, this.#stopped.signal);
    return upstream;
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    for (const socket of this.#upgraded) socket.destroy();
    for (const upstream of this.pool.upstreams) this.pool.remove(upstream.name);
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const startedAt = performance.now();
    const gone = new AbortController();
    res.on('close', () => gone.abort());
    res.on('error', () => {});
    const held: Settle[] = [];
    const answered = await this.#route(req, res, held, gone.signal).catch(() => {
      if (!gone.signal.aborted) refuse(res, 500, 'balancer-failed', 'The balancer failed.');
      return false;
    });
    for (const settle of held) settle(answered);
    // Who gave up waiting is no failure, but waited: without them the figures would flatter.
    const left = gone.signal.aborted && !answered && !res.errored;
    const failed = !left && (!answered || isFailure(res));
    this.window.record(performance.now() - startedAt, failed);
  }

  /** True when the client has the whole answer of a replica. */
  async #route(
    req: IncomingMessage,
    res: ServerResponse,
    held: Settle[],
    gone: AbortSignal,
  ): Promise<boolean> {
    const tried = new Set<Upstream>();
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const upstream = await this.#choose(tried, held, gone);
      if (!upstream) {
        refuse(res, 503, 'no-replica', 'No replica is ready.');
        return false;
      }
      const outcome = await this.#attempt(upstream, req, res);
      if (outcome === 'answered') return true;
      if (outcome === 'left' || res.headersSent) return false;
      tried.add(upstream);
      if (outcome === 'broken' && !mayRepeat(req)) break;
    }
    refuse(res, 502, 'replica-failed', 'The replica gave no answer.');
    return false;
  }

  /** Waits at the gate and for a replica; from its answer on the request counts as running there. */
  async #choose(
    tried: ReadonlySet<Upstream>,
    held: Settle[],
    gone: AbortSignal,
  ): Promise<Upstream | null> {
    let queue: AbortSignal | null = null;
    for (;;) {
      while (this.gate.holding) {
        const settle = await this.gate.enter(gone);
        if (settle) held.push(settle);
      }
      const upstream = this.pool.next(this.serving, tried);
      if (upstream) {
        upstream.running += 1;
        return upstream;
      }
      queue ??= AbortSignal.any([timeLimit(QUEUE_MS, gone), this.#stopped.signal]);
      if (queue.aborted) return null;
      await once(this.pool, 'up', { signal: queue }).catch(() => {});
    }
  }

  async #attempt(upstream: Upstream, req: IncomingMessage, res: ServerResponse) {
    const startedAt = performance.now();
    try {
      const outcome = await forward(upstream, req, res);
      const none = outcome === 'unsent' || outcome === 'broken';
      if (none) upstream.failed(false);
      upstream.window.record(performance.now() - startedAt, none || isFailure(res));
      return outcome;
    } finally {
      this.#ended(upstream);
    }
  }

  #ended(upstream: Upstream): void {
    upstream.running -= 1;
    if (upstream.running === 0) this.pool.emit('idle');
  }

  async #upgrade(req: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const gone = new AbortController();
    socket.on('close', () => gone.abort());
    socket.on('error', () => {});
    this.#upgraded.add(socket);
    const held: Settle[] = [];
    const upstream = await this.#choose(new Set(), held, gone.signal).catch(() => null);
    // An open WebSocket is not a running request: it would keep a colour from ever being drained.
    if (upstream) this.#ended(upstream);
    for (const settle of held) settle(upstream !== null);
    const outcome = upstream ? await forwardUpgrade(upstream, req, socket, head) : 'unsent';
    if (outcome === 'unsent') socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
    this.#upgraded.delete(socket);
  }
}

function isFailure(res: ServerResponse): boolean {
  return res.headersSent && res.statusCode >= 500;
}

function refuse(res: ServerResponse, status: number, code: string, message: string): void {
  if (res.headersSent || res.destroyed) return void res.destroy();
  res.writeHead(status, { 'content-type': 'application/json', 'retry-after': '1' });
  res.end(JSON.stringify({ error: { code, message } }));
}
