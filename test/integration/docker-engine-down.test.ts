import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Container } from '../../src/model/container.ts';
import type { Reading } from '../../src/model/reading.ts';
import { containerProbe, dockerEngines, type Engine } from '../../src/services/docker/index.ts';
import { poll } from '../../src/state/poller.ts';
import { dockerEngine, type EngineRig, startEngine } from '../rig/engine.ts';
import { describeWith } from '../rig/needs.ts';

const WAIT = { timeout: 50_000, interval: 100 };

describeWith(dockerEngine, 'an engine that goes away', () => {
  let rig: EngineRig;
  let engine: Engine;
  let reading: Reading<Container[]>;
  const stop = new AbortController();

  beforeAll(async () => {
    rig = await startEngine(['--live-restore']);
    await rig.run('kept', 'sleep 100000');
    const env = { HOME: '/nonexistent', DOCKER_HOST: `unix://${rig.socket}` };
    engine = (await dockerEngines({ env }))[0] as Engine;
    const probe = { ...containerProbe(engine), everyMs: 200, timeoutMs: 3000 };
    poll(probe, (next) => (reading = next), stop.signal).finally(() => probe.close());
  });

  afterAll(async () => {
    stop.abort();
    engine?.close();
    await rig?.close();
  });

  const says = (code: string) =>
    vi.waitFor(() => expect(reading).toMatchObject({ state: 'stale', error: { code } }), WAIT);
  const shows = (...names: string[]) =>
    vi.waitFor(() => {
      if (reading?.state !== 'ready') throw new Error('not ready');
      expect(reading.data.map(({ name }) => name).sort()).toEqual(names);
      for (const each of reading.data) expect(each.cpuPercent).not.toBeNull();
    }, WAIT);

  it('says what is wrong, keeps what was seen, and goes on when the engine is back', async () => {
    await shows('kept');
    await rig.kill();
    await says('engine-down');
    expect(reading).toMatchObject({
      data: [{ name: 'kept' }],
      error: { message: expect.stringContaining(rig.socket), next: expect.any(String) },
    });
    await rig.start();
    await shows('kept');
    await rig.run('newcomer', 'sleep 100000');
    await shows('kept', 'newcomer');
  });

  it('says that an engine hangs, and goes on when it wakes', async () => {
    await rig.freeze();
    await says('engine-timeout');
    await rig.thaw();
    await shows('kept', 'newcomer');
  });
});

describeWith(dockerEngine, 'an engine that cannot be used', () => {
  async function problem(host: string) {
    const [engine] = await dockerEngines({ env: { HOME: '/nonexistent', DOCKER_HOST: host } });
    if (!engine) throw new Error('no engine');
    const probe = containerProbe(engine);
    try {
      return await probe.read(AbortSignal.timeout(5000)).then(
        () => null,
        (error: unknown) => error,
      );
    } finally {
      await probe.close();
      engine.close();
    }
  }

  it('is told apart: no socket, nobody there, a name that does not exist, no address', async () => {
    expect(await problem('unix:///nonexistent/docker.sock')).toMatchObject({ code: 'no-engine' });
    expect(await problem('tcp://127.0.0.1:1')).toMatchObject({ code: 'engine-down' });
    expect(await problem('tcp://no.such.host.invalid')).toMatchObject({
      code: 'engine-unreachable',
    });
    expect(await problem('npipe:////./pipe/docker')).toMatchObject({ code: 'engine-address' });
  });

  it('is not taken for one when it is some other server', async () => {
    const server = createServer((_, answer) => answer.writeHead(404).end('<h1>nothing here</h1>'));
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });
    expect(await problem(`tcp://127.0.0.1:${port}`)).toMatchObject({ code: 'not-an-engine' });
    server.close();
  });

  it('tells a user without the right to the socket how to get it', async () => {
    const rig = await startEngine();
    try {
      process.seteuid?.(65534);
      expect(await problem(`unix://${rig.socket}`)).toMatchObject({ code: 'engine-permission' });
    } finally {
      process.seteuid?.(0);
      await rig.close();
    }
  });
});
