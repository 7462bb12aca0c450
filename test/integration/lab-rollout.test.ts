import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'dotenv';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Colour } from '../../src/model/container.ts';
import type { Edge, HoldReport } from '../../src/ports/edge.ts';
import type { Fleet } from '../../src/ports/fleet.ts';
import { Caller } from '../rig/http-interface.ts';
import { startLab, type TestLab } from '../rig/lab.ts';
import { type LoadResult, startLoad } from '../rig/load.ts';
import { until } from '../rig/until.ts';

// Whole labs are started, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

const PER_SECOND = 60;
const soon = () => AbortSignal.timeout(30_000);

let host: TestLab;
let edge: Edge;
let fleet: Fleet;
let someone: Caller;
beforeAll(async () => {
  host = await startLab();
  ({ edge, fleet } = host.lab);
  someone = await new Caller(host.info.app).signUp();
});
afterAll(() => host?.stop());

const stateOf = async (name: string) => {
  const { replicas } = await edge.traffic(soon());
  return replicas.find((replica) => replica.name === name)?.state ?? 'unknown';
};

const containerOf = async (name: string) => {
  const containers = await host.lab.containers(soon());
  return containers.find((container) => container.name === name);
};

async function envOf(changes: Record<string, string> = {}) {
  const text = await readFile(join(host.info.project, '.env'), 'utf8');
  return new Map(Object.entries({ ...parse(text), ...changes }));
}

/** What happens to requests that are sent all the time while `work` is done. */
async function underLoad(work: () => Promise<void>): Promise<LoadResult> {
  const stop = startLoad(someone, PER_SECOND);
  try {
    await sleep(500);
    await work();
    await sleep(500);
  } finally {
    await stop();
  }
  return stop();
}

describe('a replica that is killed under load', () => {
  it('costs no GET, is seen down, and serves again when it is started', async () => {
    const { killReplica, startReplica } = host.lab.actions;
    const result = await underLoad(async () => {
      await killReplica('web-blue.2');
      await until(async () => (await stateOf('web-blue.2')) === 'down');
      await sleep(500);
    });
    expect(result.failures.filter((failure) => failure.startsWith('GET'))).toEqual([]);
    expect(result.reads).toBeGreaterThan(PER_SECOND / 2);
    expect(await containerOf('web-blue.2')).toMatchObject({ state: 'exited', exitCode: 137 });
    await startReplica('web-blue.2');
    await until(async () => (await stateOf('web-blue.2')) === 'up');
    expect(await containerOf('web-blue.2')).toMatchObject({
      state: 'running',
      health: 'healthy',
      restarts: 1,
      exitCode: null,
    });
  });

  it('costs nothing at all when it is asked to go instead', async () => {
    const result = await underLoad(() => host.lab.actions.stopReplica('web-blue.3'));
    expect(result.failures).toEqual([]);
    expect(await containerOf('web-blue.3')).toMatchObject({ state: 'exited', exitCode: 0 });
    await host.lab.actions.startReplica('web-blue.3');
    await until(async () => (await stateOf('web-blue.3')) === 'up');
  });
});

describe('a switch of colours under load', () => {
  async function switchTo(colour: Colour, from: Colour) {
    await fleet.start(colour, { image: null, env: await envOf(), replicas: 2 }, soon());
    await fleet.healthy(colour, soon());
    await edge.hold(20_000, soon());
    await edge.drained(from, soon());
    await sleep(500);
    await edge.switchTo(colour, soon());
    return edge.release(soon());
  }

  it('with a hold of half a second fails no request, and loses no write', async () => {
    const reports: HoldReport[] = [];
    const result = await underLoad(async () => {
      reports.push(await switchTo('green', 'blue'));
    });
    const [report] = reports;
    expect(result.failures).toEqual([]);
    expect(report).toMatchObject({ failedRequests: 0, expired: false });
    expect(report?.heldRequests).toBeGreaterThan(0);
    expect(report?.heldMs).toBeGreaterThan(400);
    expect(await someone.texts()).toEqual(expect.arrayContaining(result.written));
    const { headers } = await someone.send('GET', '/api/notes?limit=1');
    expect(headers.get('x-portsync-replica')).toMatch(/^web-green/);
  });

  it('leaves the old colour to be stopped, and the serving one not', async () => {
    await expect(fleet.stop('green', soon())).rejects.toMatchObject({ code: 'colour-serving' });
    await fleet.stop('blue', soon());
    const states = (await fleet.replicas(soon())).map(({ colour, state }) => `${colour} ${state}`);
    expect(new Set(states)).toEqual(new Set(['green running', 'blue exited']));
  });

  it('goes back the same way', async () => {
    const result = await underLoad(async () => {
      await switchTo('blue', 'green');
    });
    expect(result.failures).toEqual([]);
    await fleet.stop('green', soon());
  });

  it('does not happen to a colour that does not get healthy, which says why', async () => {
    const url = host.info.database.replace(/:[^:@]+@/, ':not-the-password@');
    const spec = { image: null, env: await envOf({ DATABASE_URL: url }), replicas: 1 };
    await fleet.start('green', spec, soon());
    const failure = await fleet.healthy('green', AbortSignal.timeout(6_000)).catch((e) => e);
    expect(failure).toMatchObject({ code: 'replica-not-healthy' });
    expect(failure.why).toMatch(/password authentication failed/);
    expect(failure.why).not.toMatch(/not-the-password/);
    await expect(edge.switchTo('green', soon())).rejects.toMatchObject({
      code: 'colour-not-ready',
    });
    expect((await someone.send('GET', '/api/notes?limit=1')).status).toBe(200);
  });

  it('does not wait for a replica that cannot even start', async () => {
    const spec = { image: null, env: await envOf({ JWT_SECRET: 'short' }), replicas: 1 };
    await fleet.start('green', spec, soon());
    await expect(fleet.healthy('green', soon())).rejects.toMatchObject({
      code: 'replica-not-healthy',
      why: expect.stringMatching(/JWT_SECRET/),
    });
    await fleet.stop('green', soon());
  });
});

describe('a hold that nobody releases', () => {
  it('ends at its deadline, and is reported to who comes later', async () => {
    await edge.hold(300, soon());
    expect((await someone.send('GET', '/api/notes?limit=1')).status).toBe(200);
    const report = await edge.release(soon());
    expect(report).toMatchObject({ heldRequests: 1, failedRequests: 0, expired: true });
  });
});

describe('the lab’s traffic', () => {
  it('grows at a spike and is counted, and every part’s log can be read', async () => {
    const { lab } = host;
    expect(await lab.figures(soon())).toMatchObject({ spike: false, plannedPerSecond: 0, sent: 0 });
    await lab.actions.setSpike(true);
    await until(async () => (await lab.figures(soon())).sent > 200);
    const figures = await lab.figures(soon());
    expect(figures).toMatchObject({ spike: true, plannedPerSecond: 100, failed: 0, failedBy: {} });
    const traffic = await lab.edge.traffic(soon());
    expect(traffic.requestsPerSecond).toBeGreaterThan(5);
    expect(traffic.p95Ms).toBeGreaterThan(0);
    await lab.actions.setSpike(false);
    await Promise.all([1, 2, 3].map(() => someone.send('GET', '/api/notes?limit=1')));
    for await (const line of lab.logs('web-blue.1', { tail: 1, follow: true }, soon())) {
      expect(line.text).toMatch(/^(GET|POST|PUT|DELETE) \/api\/notes/);
      break;
    }
    for (const name of ['db', 'cloud', 'edge']) {
      expect(await containerOf(name)).toMatchObject({ state: 'running', engine: 'lab' });
      for await (const line of lab.logs(name, { tail: 3, follow: false }, soon())) {
        expect(line.text).toMatch(/./);
      }
    }
  });
});
