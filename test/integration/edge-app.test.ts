import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Colour } from '../../src/model/container.ts';
import { reloadEdge } from '../../src/services/edge/reload.ts';
import { openLocal } from '../../src/services/executor/local.ts';
import { startApp, type TestReplica } from '../rig/app.ts';
import { haproxyNeed, startHaproxy, type TestEdge } from '../rig/haproxy.ts';
import { Caller } from '../rig/http-interface.ts';
import { startLoad } from '../rig/load.ts';
import { describeWith } from '../rig/needs.ts';
import { startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { until } from '../rig/until.ts';

const soon = () => AbortSignal.timeout(30_000);
const PER_SECOND = 300;
/** More than wait during a hold here, and fewer than a busy machine would choke on. */
const AT_ONCE = 200;

describeWith(haproxyNeed, 'HAProxy before the app, under 300 requests a second', () => {
  let database: TestPostgres;
  let apps: TestReplica[] = [];
  let haproxy: TestEdge;
  let someone: Caller;

  beforeAll(async () => {
    database = await startPostgres();
    const names = ['web-blue.1', 'web-blue.2', 'web-green.1', 'web-green.2'];
    apps = await Promise.all(names.map((name) => startApp(name, database.url())));
    const [one = 0, two = 0, three = 0, four = 0] = apps.map(({ port }) => port);
    haproxy = await startHaproxy({ blue: [one, two], green: [three, four] });
    await Promise.all([
      haproxy.edge.sees('blue', 2, soon()),
      haproxy.edge.sees('green', 2, soon()),
    ]);
    someone = await new Caller(haproxy.url).signUp();
  });

  afterAll(async () => {
    await haproxy?.close();
    await Promise.all(apps.map((app) => app.kill()));
    await database?.close();
  });

  const figures = () => haproxy.edge.traffic(soon());
  /** Runs `work` once the load flows; answers what became of every request. */
  async function underLoad(work: () => Promise<unknown>) {
    const stop = startLoad(someone, PER_SECOND, AT_ONCE);
    await until(async () => (await figures()).requestsPerSecond > 50, 30_000, 'load flows');
    await work();
    await pause(1500);
    const result = await stop();
    expect(result.writes).toBeGreaterThan(20);
    // In which ways, none in the best case: thousands of lines take the runner minutes to print.
    return { ...result, failures: [...new Set(result.failures)] };
  }

  it('holds, switches colours in one step and lets go, and no request fails or is lost', async () => {
    const { edge } = haproxy;
    const reports: Array<{ heldRequests: number; failedRequests: number; expired: boolean }> = [];
    const { failures, written } = await underLoad(async () => {
      for (const [from, to] of [
        ['blue', 'green'],
        ['green', 'blue'],
        ['blue', 'green'],
      ] as Array<[Colour, Colour]>) {
        await edge.hold(20_000, soon());
        await edge.drained(from, soon());
        await until(async () => (await figures()).held > 5, 20_000, 'requests wait');
        await edge.switchTo(to, soon());
        reports.push(await edge.release(soon()));
        await until(async () => (await answering()) === to, 20_000, `${to} answers`);
      }
    });
    expect(failures).toEqual([]);
    for (const report of reports) {
      expect(report).toMatchObject({ failedRequests: 0, expired: false });
      expect(report.heldRequests).toBeGreaterThan(5);
    }
    const texts = new Set(await someone.texts());
    expect(written.filter((text) => !texts.has(text))).toEqual([]);
    expect((await figures()).serving).toBe('green');
  });

  it('loses a replica, and no request that may be repeated fails', async () => {
    const victim = apps[2] as TestReplica;
    const { failures } = await underLoad(async () => {
      await victim.kill();
      await until(async () => (await stateOf(victim.name)) === 'down', 20_000, 'it is missed');
    });
    expect(failures.filter((failure) => failure.startsWith('GET'))).toEqual([]);
    await victim.start();
    await haproxy.edge.sees('green', 2, soon());
  });

  it('reads its settings anew, and no request fails', async () => {
    const { failures } = await underLoad(async () => {
      for (let times = 0; times < 3; times += 1) {
        await reloadEdge(openLocal(), haproxy.dir, soon());
        await pause(300);
      }
    });
    expect(failures).toEqual([]);
    expect((await figures()).serving).toBe('green');
  });

  it('ends a hold by itself when the PortSync that asked for it is killed', async () => {
    const { failures } = await underLoad(async () => {
      const holder = spawn(process.execPath, ['--import', 'tsx', HOLDER, haproxy.dir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(holder.stdout, 'data');
      await until(async () => (await figures()).held > 0, 20_000, 'requests wait');
      holder.kill('SIGKILL');
      await until(async () => (await figures()).held === 0, 20_000, 'nobody waits');
    });
    expect(failures).toEqual([]);
    const report = await haproxy.edge.release(soon());
    expect(report).toMatchObject({ expired: true, failedRequests: 0 });
    expect(report.heldRequests).toBeGreaterThan(0);
  });

  it('tells rates and times of each replica', async () => {
    await underLoad(async () => {
      await until(async () => {
        const { requestsPerSecond, p50Ms, p95Ms, replicas } = await figures();
        const busy = replicas.filter((each) => each.requestsPerSecond > 20 && each.p95Ms !== null);
        const green = busy.length === 2 && busy.every(({ colour }) => colour === 'green');
        return green && requestsPerSecond > 100 && p50Ms !== null && p95Ms !== null;
      });
    });
    const { replicas } = await figures();
    expect(replicas.map(({ name, state }) => [name, state])).toEqual(
      apps.map(({ name }) => [name, 'up']),
    );
  });

  async function answering(): Promise<string | undefined> {
    const { headers } = await someone.send('GET', '/api/health');
    return /^web-(\w+)/.exec(headers.get('x-portsync-replica') ?? '')?.[1];
  }

  async function stateOf(name: string) {
    return (await figures()).replicas.find((each) => each.name === name)?.state;
  }
});

const HOLDER = new URL('../rig/holder.ts', import.meta.url).pathname;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
