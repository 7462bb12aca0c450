import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../src/services/lab/machine/ports.ts';
import { haproxyNeed, startHaproxy, type TestEdge } from '../rig/haproxy.ts';
import { NamedApp } from '../rig/named-app.ts';
import { describeWith } from '../rig/needs.ts';
import { until } from '../rig/until.ts';

const soon = () => AbortSignal.timeout(30_000);

describeWith(haproxyNeed, 'HAProxy as PortSync sets it up', () => {
  const [one, two, green] = [new NamedApp('one'), new NamedApp('two'), new NamedApp('green')];
  const apps = [one, two, green];
  let haproxy: TestEdge;
  let greenPort: number;

  beforeAll(async () => {
    const [first = 0, second = 0, third = 0] = await Promise.all(apps.map((app) => app.listen()));
    greenPort = third;
    const limits = { answerWithinMs: 1500, largestBodyBytes: 100_000 };
    haproxy = await startHaproxy({ blue: [first, second], green: [third] }, limits);
    await haproxy.edge.sees('blue', 2, soon());
    await haproxy.edge.sees('green', 1, soon());
  });

  afterEach(async () => {
    await haproxy.edge.release(soon());
    await haproxy.edge.sees('blue', 2, soon());
    await haproxy.edge.switchTo('blue', soon());
    for (const app of apps) app.forget();
  });

  afterAll(async () => {
    await haproxy?.close();
    for (const app of apps) app.stop();
  });

  const waiting = (count: number) =>
    until(async () => (await haproxy.edge.traffic(soon())).held === count, 20_000, 'they wait');
  const send = (method: string, body = '', headers = {}, signal = soon()) =>
    ask(haproxy.url, { method, body, headers, signal });
  const seen = () => apps.flatMap((app) => app.seen).sort();

  it('gives held requests the answer of the colour switched to, and tells what it did', async () => {
    await haproxy.edge.hold(20_000, soon());
    const requests = [send('GET'), send('POST', 'x'), send('DELETE')];
    await waiting(3);
    await haproxy.edge.drained('blue', soon());
    await haproxy.edge.switchTo('green', soon());
    const report = await haproxy.edge.release(soon());
    const answers = await Promise.all(requests);
    expect(answers.map(({ body }) => body)).toEqual(['green', 'green', 'green']);
    expect(report).toMatchObject({ heldRequests: 3, failedRequests: 0, expired: false });
    expect(report.heldMs).toBeGreaterThan(0);
    expect(await haproxy.edge.traffic(soon())).toMatchObject({ serving: 'green', held: 0 });
  });

  it('counts a client that left while it waited as failed, and sends its request to nobody', async () => {
    await haproxy.edge.hold(20_000, soon());
    const client = new AbortController();
    const left = send('POST', 'x', {}, client.signal).catch(() => 'left');
    await waiting(1);
    client.abort();
    expect(await left).toBe('left');
    await waiting(0);
    const report = await haproxy.edge.release(soon());
    expect(report).toMatchObject({ heldRequests: 1, failedRequests: 1 });
    await send('GET');
    expect(seen()).toEqual(['GET /']);
  });

  it('asks another replica for what may be repeated, and never sends a write twice', async () => {
    for (const app of [one, two]) app.behave = (_req, res) => res.destroy();
    const post = await send('POST', 'x');
    expect([post.status, seen()]).toEqual([502, ['POST /']]);
    one.behave = (_req, res) => res.end('one');
    const put = await send('PUT', 'x').then(({ status }) => status);
    expect([200, 502]).toContain(put);
    const gets = await Promise.all(Array.from({ length: 6 }, () => send('GET')));
    expect(gets.map(({ body }) => body)).toEqual(gets.map(() => 'one'));
    expect(seen().filter((line) => line.startsWith('P'))).toEqual(['POST /', 'PUT /']);
  });

  it('gives up a replica that says nothing, and lets another answer', async () => {
    one.behave = () => {};
    const gets = await Promise.all(Array.from({ length: 4 }, () => send('GET')));
    expect(gets.map(({ body }) => body)).toEqual(gets.map(() => 'two'));
  });

  it('knows a colour as drained while WebSockets and event streams are open, and not before', async () => {
    const socket = await upgrade(haproxy.url);
    one.behave = (_req, res) =>
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n');
    two.behave = one.behave;
    const stream = connect(Number(new URL(haproxy.url).port), '127.0.0.1');
    stream.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(stream, 'data');
    await haproxy.edge.drained('blue', soon());
    let finish = () => {};
    for (const app of [one, two]) {
      app.behave = (_req, res) => {
        finish = () => res.end('at last');
      };
    }
    const slow = send('POST', 'x');
    await until(() => seen().includes('POST /'));
    await expect(haproxy.edge.drained('blue', AbortSignal.timeout(100))).rejects.toMatchObject({
      code: 'timed-out',
    });
    finish();
    await haproxy.edge.drained('blue', soon());
    expect((await slow).body).toBe('at last');
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toMatch(/ heard hello$/);
    socket.destroy();
    stream.destroy();
  });

  it('lets the spare colour answer where none of the serving one is left, and not a moment longer', async () => {
    const gone = await startHaproxy({ blue: [await freePort()], green: [greenPort] });
    await gone.edge.sees('green', 1, soon());
    const get = async () => (await ask(gone.url, { ...NOTHING, signal: soon() })).status;
    await until(async () => (await get()) === 503);
    await gone.edge.spare('green', soon());
    await until(async () => (await get()) === 200);
    await gone.edge.drained('green', soon());
    expect(await get()).toBe(503);
    await gone.close();
  });

  it('passes an answer on piece by piece, as it comes', async () => {
    let more = () => {};
    for (const app of [one, two]) {
      app.behave = (_req, res) => {
        res.write('first');
        more = () => res.end('second');
      };
    }
    const client = connect(Number(new URL(haproxy.url).port), '127.0.0.1');
    client.write('GET /stream HTTP/1.1\r\nHost: x\r\n\r\n');
    let text = '';
    client.on('data', (chunk) => {
      text += chunk;
    });
    await until(() => text.includes('first'));
    more();
    await until(() => text.includes('second'));
    client.destroy();
  });

  it('tells the app who the client is, whatever the client claims', async () => {
    for (const app of [one, two]) app.behave = (req, res) => res.end(JSON.stringify(req.headers));
    const lies = { 'x-forwarded-for': '1.2.3.4', forwarded: 'for=1.2.3.4', 'x-real-ip': '1.2.3.4' };
    const { body } = await send('GET', '', {
      ...lies,
      'x-forwarded-proto': 'https',
      host: 'shop.test',
    });
    expect(JSON.parse(body)).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-real-ip': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'shop.test',
      host: 'shop.test',
    });
    expect(JSON.parse(body).forwarded).toBeUndefined();
  });

  it('refuses what is too large, and a client that never ends its headers', async () => {
    const large = await send('POST', 'x'.repeat(100_001));
    const headers = await send('GET', '', { 'x-much': 'x'.repeat(20_000) });
    expect([large.status, headers.status, seen()]).toEqual([413, 400, []]);
    const slow = connect(Number(new URL(haproxy.url).port), '127.0.0.1');
    slow.write('GET / HTTP/1.1\r\nHost: x\r\n');
    expect(String((await once(slow, 'data'))[0])).toMatch(/^HTTP\/1.1 408/);
    slow.destroy();
  });

  it('does not switch to a colour that answers no check', async () => {
    const alone = await startHaproxy({ blue: [1], green: [1] });
    await expect(alone.edge.switchTo('green', soon())).rejects.toMatchObject({
      code: 'colour-not-ready',
    });
    await alone.close();
    await expect(alone.edge.hold(1000, soon())).rejects.toMatchObject({ code: 'edge-unreachable' });
  });
});

const NOTHING = { method: 'GET', body: '', headers: {} };

interface Sent {
  method: string;
  body: string;
  headers: Record<string, string>;
  signal: AbortSignal;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

function ask(url: string, { method, body, headers, signal }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request(url, { method, headers, signal, agent: false }, (res) => {
      let text = '';
      res.on('data', (chunk) => {
        text += chunk;
      });
      res.on('end', () =>
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text }),
      );
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end(body);
  });
}

async function upgrade(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(
    'GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1.1 101/);
  return socket;
}
