import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Journal } from '../../src/services/journal/journal.ts';
import { mustOpenFleet } from '../../src/services/project/open-fleet.ts';
import { openProject } from '../../src/services/project/project.ts';
import { recover } from '../../src/services/rollout/recover-jobs.ts';
import { bundle } from '../rig/bundle.ts';
import { Caller } from '../rig/http-interface.ts';
import { startLab, type TestLab } from '../rig/lab.ts';
import { startLoad } from '../rig/load.ts';
import { POINTS, standStillAt } from '../rig/standing-still.ts';

// A whole lab, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

const PER_SECOND = 60;
const soon = () => AbortSignal.timeout(60_000);

let root: string;
let worker: string;
let host: TestLab;
let someone: Caller;
let dir: string;
let rounds = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'portsync-killed-'));
  worker = await bundle(new URL('../rig/rollout-worker.ts', import.meta.url).pathname, root);
  host = await startLab({ replicas: 1 });
  dir = host.info.project;
  await writeFile(join(dir, 'portsync.yaml'), 'app: lab\nrollout: { watchSeconds: 1 }\n');
  someone = await new Caller(host.info.app).signUp();
});
afterAll(async () => {
  await host?.stop();
  await rm(root, { recursive: true, force: true });
});

const serving = async () => (await host.lab.edge.traffic(soon())).serving;
const greeting = async () => parse(await readFile(join(dir, '.env'), 'utf8')).GREETING;
const running = async () => {
  const replicas = await host.lab.fleet.replicas(soon());
  return [...new Set(replicas.filter(({ state }) => state === 'running').map((r) => r.colour))];
};

async function killAt(point: string, value: string): Promise<void> {
  await (await standStillAt(worker, [dir, point, 'GREETING', value])).kill();
}

describe('a rollout whose process is killed, under load,', () => {
  it.each(POINTS)('%s is %s by the next command, and no request fails', async (point, outcome) => {
    rounds += 1;
    const [before, value] = [await serving(), `round ${rounds}`];
    const valueBefore = await greeting();
    const load = startLoad(someone, PER_SECOND);
    onTestFinished(async () => void (await load()));
    await killAt(point, value);
    const [left] = await new Journal(dir).unfinished();
    expect(left).toMatchObject({ kind: 'env', facts: { from: before }, outcome: null });

    const { edge, fleet, limits } = await mustOpenFleet(await openProject(dir));
    const ended = await recover({ projectDir: dir, edge, fleet, limits }, () => {}, soon());
    const result = await load();
    expect(result.failures).toEqual([]);
    expect(await someone.texts()).toEqual(expect.arrayContaining(result.written));
    expect(ended.map((each) => each.outcome)).toEqual([outcome]);
    const now = await serving();
    expect(now === before).toBe(outcome === 'undone');
    expect(await running()).toEqual([now]);
    // The .env is that of what runs.
    expect(await greeting()).toBe(outcome === 'done' ? value : valueBefore);
    const environments = await host.lab.environments(soon());
    expect(environments.map(({ env }) => env.get('GREETING'))).toEqual([await greeting()]);
    expect(await new Journal(dir).unfinished()).toEqual([]);
  });
});
