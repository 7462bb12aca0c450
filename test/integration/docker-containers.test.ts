import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ExternalError } from '../../src/errors.ts';
import type { Container } from '../../src/model/container.ts';
import type { Probe } from '../../src/ports/probe.ts';
import {
  containerActions,
  containerProbe,
  dockerEngines,
  type Engine,
  engineVersion,
} from '../../src/services/docker/index.ts';
import { prefer } from '../rig/engine/priority.ts';
import { dockerEngine, type EngineRig, IMAGE, startEngine } from '../rig/engine.ts';
import { describeWith } from '../rig/needs.ts';

const SLEEP = 'trap exit TERM; sleep 100000 & wait';
const SOON = { timeout: 50_000, interval: 300 };
const MB = 2 ** 20;

describeWith(dockerEngine, 'containers of a real engine', () => {
  let rig: EngineRig;
  let engine: Engine;
  let probe: Probe<Container[]>;

  const look = () => probe.read(AbortSignal.timeout(10_000));
  const one = async (name: string) => {
    const found = (await look()).find((container) => container.name === name);
    if (!found) throw new Error(`${name} is not in the list`);
    return found;
  };
  const soon = (name: string, like: Partial<Container>) =>
    vi.waitFor(async () => expect(await one(name)).toMatchObject(like), SOON);

  beforeAll(async () => {
    rig = await startEngine();
    await populate(rig);
    const env = { HOME: '/nonexistent', DOCKER_HOST: `unix://${rig.socket}` };
    engine = (await dockerEngines({ env }))[0] as Engine;
    probe = containerProbe(engine);
  });

  afterAll(async () => {
    await probe?.close();
    engine?.close();
    await rig?.close();
  });

  it('tells names and states before it has looked at each container', async () => {
    const fresh = containerProbe(engine);
    const shown = (await fresh.preview?.(AbortSignal.timeout(10_000))) ?? [];
    expect(shown).toHaveLength(36);
    expect(shown.find(({ name }) => name === 'burner')).toMatchObject({
      state: 'running',
      cpuPercent: null,
      startedAt: null,
    });
    await fresh.close();
  });

  it('lists every container in its state', async () => {
    await vi.waitFor(async () => {
      const states = new Map((await look()).map(({ name, state }) => [name, state]));
      expect(states.size).toBe(36);
      expect(Object.fromEntries([...states].filter(([name]) => !name.startsWith('idle')))).toEqual({
        burner: 'running',
        limited: 'running',
        server: 'running',
        client: 'running',
        host: 'running',
        healthy: 'running',
        unhealthy: 'running',
        starting: 'running',
        paused: 'paused',
        created: 'created',
        done: 'exited',
        failed: 'exited',
        flapping: 'exited',
        restarting: 'restarting',
        killed: 'exited',
        blue: 'running',
      });
    }, SOON);
  });

  it('knows health, restarts, exit codes, colour and limits', async () => {
    await soon('healthy', { health: 'healthy' });
    await soon('unhealthy', { health: 'unhealthy' });
    await soon('starting', { health: 'starting' });
    await soon('flapping', { restarts: 3, exitCode: 7, startedAt: null });
    await soon('done', { exitCode: 0, health: 'none' });
    await soon('failed', { exitCode: 3 });
    await soon('killed', { exitCode: 137 });
    await soon('blue', { colour: 'blue', node: 'main', engine: engine.id, image: IMAGE });
    await soon('limited', { memoryLimitBytes: 64 * MB, exitCode: null });
    await soon('idle-1', { memoryLimitBytes: null, restarts: 0 });
  });

  it('shows who burns the processor, holds memory and talks', async () => {
    const eventually = (name: string, check: (container: Container) => void) =>
      vi.waitFor(async () => check(await one(name)), SOON);
    await eventually('burner', (it) => expect(it.cpuPercent).toBeGreaterThanOrEqual(50));
    await eventually('idle-1', (it) => expect(it.cpuPercent).toBeLessThan(20));
    await eventually('limited', (it) => expect(it.memoryBytes).toBeGreaterThan(20 * MB));
    await eventually('client', (it) => expect(it.receivedBytesPerSecond).toBeGreaterThan(50_000));
    await eventually('server', (it) => expect(it.sentBytesPerSecond).toBeGreaterThan(50_000));
    await eventually('idle-1', (it) => expect(it.sentBytesPerSecond).toBeLessThan(10_000));
    await eventually('host', (it) => expect(it.sentBytesPerSecond).toBeNull());
    expect(await one('done')).toMatchObject({ cpuPercent: null, memoryBytes: null });
  });

  it('reads from the kernel what the engine itself says', async () => {
    const asking = containerProbe({ ...engine, files: null });
    const asked = async () => {
      const all = await asking.read(AbortSignal.timeout(10_000));
      return new Map(all.map((container) => [container.name, container]));
    };
    await vi.waitFor(async () => {
      const [theirs, ours] = [await asked(), await look()];
      const both = (name: string, key: 'cpuPercent' | 'memoryBytes' | 'receivedBytesPerSecond') => {
        const pair = [theirs.get(name), ours.find((each) => each.name === name)];
        return pair.map((each) => each?.[key] ?? Number.NaN) as [number, number];
      };
      const [cpu, ourCpu] = both('burner', 'cpuPercent');
      expect(Math.abs(cpu - ourCpu)).toBeLessThan(15);
      const [memory, ourMemory] = both('limited', 'memoryBytes');
      expect(Math.abs(memory - ourMemory)).toBeLessThan(MB);
      const [received, ourReceived] = both('client', 'receivedBytesPerSecond');
      expect(Math.abs(received - ourReceived) / received).toBeLessThan(0.5);
    }, SOON);
    await asking.close();
  });

  it('stops, starts and restarts', async () => {
    const { startContainer, stopContainer, restartContainer } = containerActions([engine]);
    await stopContainer(await one('idle-1'));
    await soon('idle-1', { state: 'exited', cpuPercent: null, startedAt: null });
    await startContainer(await one('idle-1'));
    await startContainer(await one('idle-1'));
    await soon('idle-1', { state: 'running' });
    const before = await one('idle-1');
    await restartContainer(before);
    await vi.waitFor(async () => {
      const { startedAt, state } = await one('idle-1');
      expect(state).toBe('running');
      expect(Date.parse(startedAt ?? '')).toBeGreaterThan(Date.parse(before.startedAt ?? ''));
    }, SOON);
    await vi.waitFor(async () => expect((await one('idle-1')).cpuPercent).not.toBeNull(), SOON);
  });

  it('says why a container cannot do what was asked', async () => {
    const { startContainer, stopContainer } = containerActions([engine]);
    await expect(startContainer(await one('paused'))).rejects.toMatchObject({
      code: 'container-state',
      why: expect.stringContaining('paused'),
    });
    const gone = { ...(await one('done')), id: 'f'.repeat(64) };
    await expect(stopContainer(gone)).rejects.toMatchObject({ code: 'no-such-container' });
    const elsewhere = { ...gone, engine: 'ssh://nowhere' };
    await expect(stopContainer(elsewhere)).rejects.toMatchObject({ code: 'engine-unknown' });
  });

  it('shows all others when the engine cannot tell of one', async () => {
    const real = engine.api.inspect.bind(engine.api);
    const { id } = await one('idle-2');
    const broken = new ExternalError({ code: 'engine-failed', message: 'layer does not exist' });
    const inspect = vi
      .spyOn(engine.api, 'inspect')
      .mockImplementation((asked, signal) =>
        asked === id ? Promise.reject(broken) : real(asked, signal),
      );
    const fresh = containerProbe(engine);
    const all = await fresh.read(AbortSignal.timeout(10_000));
    await fresh.close();
    inspect.mockRestore();
    expect(all.length).toBeGreaterThan(30);
    expect(all.find((each) => each.id === id)).toMatchObject({ name: 'idle-2', state: 'running' });
  });

  it('asks the engine for nothing but a sign of life while nothing happens', async () => {
    await rig.docker.getContainer('restarting').remove({ force: true });
    const names = async () => (await look()).map(({ name }) => name);
    await vi.waitFor(async () => expect(await names()).not.toContain('restarting'), SOON);
    const inspect = vi.spyOn(engine.api, 'inspect');
    const list = vi.spyOn(engine.api, 'list');
    for (let looks = 0; looks < 5; looks += 1) await look();
    expect(inspect).not.toHaveBeenCalled();
    expect(list.mock.calls.length).toBeLessThanOrEqual(1);
    await rig.run('newcomer', SLEEP);
    await soon('newcomer', { state: 'running' });
    expect(new Set(inspect.mock.calls.map(([id]) => id)).size).toBe(1);
  });

  it('answers the version for the start menu, and null where no engine is', async () => {
    const version = (path: string) =>
      engineVersion(AbortSignal.timeout(5000), {
        env: { HOME: '/nonexistent', DOCKER_HOST: `unix://${path}` },
      });
    expect(await version(rig.socket)).toMatch(/^\d+\.\d+/);
    expect(await version('/nonexistent/docker.sock')).toBeNull();
  });
});

async function populate({ run, docker }: EngineRig): Promise<void> {
  const shell = (name: string, command: string, options = {}) => run(name, command, options);
  const check = (command: string, seconds: number) => ({
    Healthcheck: {
      Test: ['CMD-SHELL', command],
      Interval: seconds * 1e9,
      Timeout: 1e9,
      Retries: 1,
    },
  });
  const policy = (Name: string, MaximumRetryCount = 0) => ({
    HostConfig: { RestartPolicy: { Name, MaximumRetryCount } },
  });
  const idle = Array.from({ length: 20 }, (_, at) => shell(`idle-${at + 1}`, SLEEP));
  await Promise.all(idle);
  await shell('burner', 'while :; do :; done', { HostConfig: { NanoCpus: 8e8 } });
  prefer((await docker.getContainer('burner').inspect()).State.Pid);
  await shell('limited', `dd if=/dev/zero of=/dev/shm/x bs=1M count=24; ${SLEEP}`, {
    HostConfig: { Memory: 64 * MB },
  });
  await shell('host', SLEEP, { HostConfig: { NetworkMode: 'host' } });
  await shell('healthy', SLEEP, check('true', 1));
  await shell('unhealthy', SLEEP, check('false', 1));
  await shell('starting', SLEEP, check('true', 600));
  await shell('paused', SLEEP);
  await docker.getContainer('paused').pause();
  await docker.createContainer({ name: 'created', Image: IMAGE, Cmd: ['true'] });
  await shell('done', 'exit 0');
  await shell('failed', 'exit 3');
  await shell('flapping', 'exit 7', policy('on-failure', 3));
  await shell('restarting', 'exit 1', policy('always'));
  await shell('killed', SLEEP);
  await docker.getContainer('killed').kill();
  await shell('blue', SLEEP, { Labels: { 'portsync.colour': 'blue' } });
  await shell('server', 'dd if=/dev/zero of=/tmp/x bs=64K count=4; exec httpd -f -p 80 -h /tmp');
  const { NetworkSettings } = await docker.getContainer('server').inspect();
  const url = `http://${NetworkSettings.Networks.bridge?.IPAddress}/x`;
  await shell('client', `while :; do wget -q -O /dev/null ${url}; sleep 0.1; done`);
}
