import { once } from 'node:events';
import { createServer, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Colour } from '../../src/model/container.ts';
import { Balancer } from '../../src/services/lab/balancer/balancer.ts';
import { BalancerEdge } from '../../src/services/lab/balancer/edge.ts';

const soon = () => AbortSignal.timeout(5_000);

/** A replica that answers its own name, unless told to behave otherwise. */
class App {
  readonly name: string;
  readonly seen: string[] = [];
  readonly server: Server;
  behave: (res: ServerResponse, body: string) => void;
  ready = true;

  constructor(name: string) {
    this.name = name;
    this.behave = (res) => res.end(name);
    this.server = createServer(async (req, res) => {
      if (req.url === '/ready') return void res.writeHead(this.ready ? 200 : 503).end();
      let body = '';
      for await (const chunk of req) body += chunk;
      this.seen.push(`${req.method} ${req.url}`);
      this.behave(res, body);
    });
    this.server.on('upgrade', (_req, socket: Socket) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      );
      socket.on('data', (data) => socket.write(`${name} heard ${data}`));
    });
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

let balancer: Balancer;
let edge: BalancerEdge;
let url: string;
const apps: App[] = [];

beforeEach(async () => {
  balancer = new Balancer('/ready');
  edge = new BalancerEdge(balancer);
  url = await balancer.listen();
});

afterEach(async () => {
  await edge.close();
  for (const app of apps.splice(0)) app.stop();
});

async function serve(name: string, colour: Colour = 'blue'): Promise<App> {
  const app = new App(name);
  apps.push(app);
  app.server.listen(0, '127.0.0.1');
  await once(app.server, 'listening');
  const replica = balancer.add(name, colour, (app.server.address() as AddressInfo).port);
  await vi.waitFor(() => expect(replica.up).toBe(true));
  balancer.serving ??= colour;
  return app;
}

interface Answer {
  status: number;
  body: string;
}

function send(method: string, body = '', signal: AbortSignal = soon()): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request(url, { method, signal, agent: false }, (res) => {
      let text = '';
      res.on('data', (chunk) => {
        text += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body: text }));
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end(body);
  });
}

const held = () => vi.waitFor(() => expect(balancer.gate.waiting).toBeGreaterThan(0));

describe('a hold', () => {
  it('keeps every request waiting, and gives it the answer of the colour switched to', async () => {
    const blue = await serve('blue-1');
    const green = await serve('green-1', 'green');
    await edge.hold(5_000);
    const waiting = [send('GET'), send('POST', 'x'), send('DELETE')];
    await vi.waitFor(() => expect(balancer.gate.waiting).toBe(3));
    await edge.switchTo('green');
    const report = await edge.release(soon());
    const answers = await Promise.all(waiting);
    expect(answers.map(({ body }) => body)).toEqual(['green-1', 'green-1', 'green-1']);
    expect(report).toMatchObject({ heldRequests: 3, failedRequests: 0, expired: false });
    expect(report.heldMs).toBeGreaterThan(0);
    expect([blue.seen.length, green.seen.length]).toEqual([0, 3]);
  });

  it('ends by itself at the deadline, and the release afterwards says so', async () => {
    await serve('blue-1');
    await edge.hold(50);
    expect(await send('POST', 'x')).toMatchObject({ status: 200 });
    expect(balancer.gate.holding).toBe(false);
    expect(await edge.release(soon())).toMatchObject({ heldRequests: 1, expired: true });
  });

  it('counts a client that left as failed, and never sends its request on', async () => {
    const blue = await serve('blue-1');
    await edge.hold(5_000);
    const client = new AbortController();
    const left = send('POST', 'x', client.signal).catch(() => 'left');
    await held();
    client.abort();
    expect(await left).toBe('left');
    await vi.waitFor(() => expect(balancer.gate.waiting).toBe(0));
    expect(await edge.release(soon())).toMatchObject({ heldRequests: 1, failedRequests: 1 });
    expect(blue.seen).toEqual([]);
  });

  it('is drained once the running requests have ended, whatever waits', async () => {
    const blue = await serve('blue-1');
    let finish = () => {};
    blue.behave = (res) => {
      finish = () => res.end('late');
    };
    const running = send('POST', 'x');
    await vi.waitFor(() => expect(blue.seen).toHaveLength(1));
    await edge.hold(5_000);
    const waiting = send('GET');
    await held();
    await expect(edge.drained('blue', AbortSignal.timeout(50))).rejects.toThrow();
    const drained = edge.drained('blue', soon());
    finish();
    await drained;
    expect((await running).body).toBe('late');
    blue.behave = (res) => res.end('after');
    await edge.release(soon());
    expect((await waiting).body).toBe('after');
  });

  it('starts anew with its own report, and a release without one reports nothing', async () => {
    await serve('blue-1');
    expect(await edge.release(soon())).toMatchObject({ heldRequests: 0, heldMs: 0 });
    await edge.hold(5_000);
    const first = send('GET');
    await held();
    await edge.hold(5_000);
    expect((await edge.release(soon())).heldRequests).toBe(1);
    await first;
    await edge.hold(5_000);
    expect((await edge.release(soon())).heldRequests).toBe(0);
  });
});

describe('a replica that fails', () => {
  const reset = (res: ServerResponse) => void res.destroy();

  it('costs no GET: another replica answers it', async () => {
    const [first, second] = [await serve('blue-1'), await serve('blue-2')];
    first.behave = reset;
    const answers = await Promise.all(Array.from({ length: 10 }, () => send('GET')));
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['blue-2']));
    expect(first.seen.length).toBeGreaterThan(0);
    expect(second.seen).toHaveLength(10);
  });

  it('may have acted on a POST, which therefore is sent once and answered 502', async () => {
    const both = [await serve('blue-1'), await serve('blue-2')];
    for (const app of both) app.behave = reset;
    expect((await send('POST', 'x')).status).toBe(502);
    expect(both.flatMap((app) => app.seen)).toEqual(['POST /']);
  });

  it('cannot have acted on a POST when it refused the connection: another one gets it', async () => {
    const [first, second] = [await serve('blue-1'), await serve('blue-2')];
    first.stop();
    const body = 'y'.repeat(300_000);
    second.behave = (res, received) => res.end(String(received === body));
    const answers = await Promise.all(Array.from({ length: 4 }, () => send('PUT', body)));
    expect(answers).toEqual(Array(4).fill({ status: 200, body: 'true' }));
  });

  it('gets nothing while its check fails, and comes back by itself', async () => {
    const [first, second] = [await serve('blue-1'), await serve('blue-2')];
    first.ready = false;
    await vi.waitFor(() => expect(balancer.pool.get('blue-1')?.state).toBe('down'), 10_000);
    await Promise.all(Array.from({ length: 6 }, () => send('GET')));
    expect([first.seen.length, second.seen.length]).toEqual([0, 6]);
    first.ready = true;
    await vi.waitFor(() => expect(balancer.pool.get('blue-1')?.state).toBe('up'), 10_000);
    await Promise.all(Array.from({ length: 6 }, () => send('GET')));
    expect(first.seen.length).toBe(3);
  });

  it('in the middle of an answer breaks that answer off, so that nobody takes a part for all', async () => {
    const app = await serve('blue-1');
    app.behave = (res) => {
      res.writeHead(200, { 'content-length': '100' });
      res.write('half', () => res.destroy());
    };
    await expect(send('GET')).rejects.toThrow(/aborted|hang up/);
    expect(app.seen).toHaveLength(1);
  });

  it('as the last one makes the balancer answer 503, and the figures say so', async () => {
    const app = await serve('blue-1');
    await send('GET');
    app.stop();
    expect((await send('GET')).status).toBe(503);
    const traffic = await edge.traffic();
    expect(traffic.errorsPerSecond).toBeGreaterThan(0);
    expect(traffic.replicas).toMatchObject([{ name: 'blue-1', state: 'down' }]);
    expect(traffic.replicas[0]?.errorRate).toBeGreaterThan(0);
    expect(traffic.p50Ms).not.toBeNull();
  });
});

describe('the balancer', () => {
  it('does not switch to a colour that answers no check', async () => {
    await serve('blue-1');
    await expect(edge.switchTo('green')).rejects.toMatchObject({ code: 'colour-not-ready' });
    expect((await send('GET')).body).toBe('blue-1');
  });

  it('waits for as many replicas as it is told to, and no longer than it may', async () => {
    await serve('green-1', 'green');
    await edge.sees('green', 1, soon());
    await expect(edge.sees('green', 2, AbortSignal.timeout(50))).rejects.toThrow();
    const both = edge.sees('green', 2, soon());
    await serve('green-2', 'green');
    await both;
  });

  it('passes WebSockets on, held or not', async () => {
    await serve('blue-1');
    await edge.hold(5_000);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(
      'GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await held();
    await edge.release(soon());
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1.1 101/);
    await expect(edge.drained('blue', soon())).resolves.toBeUndefined();
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('blue-1 heard hello');
    socket.destroy();
  });
});
