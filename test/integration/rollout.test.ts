import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Journal } from '../../src/services/journal/journal.ts';
import { bundle } from '../rig/bundle.ts';
import { type Ended, startCommand } from '../rig/cli.ts';
import { Caller } from '../rig/http-interface.ts';
import { startLab, type TestLab } from '../rig/lab.ts';
import { type LoadResult, startLoad } from '../rig/load.ts';
import { until } from '../rig/until.ts';

// A whole lab, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

const PER_SECOND = 100;
const REPLICAS = 2;
const soon = () => AbortSignal.timeout(60_000);

let root: string;
let program: string;
let host: TestLab;
let someone: Caller;
let dir: string;
let env: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'portsync-rollout-'));
  program = await bundle(new URL('../../src/cli.ts', import.meta.url).pathname, root);
  host = await startLab({ replicas: REPLICAS });
  dir = host.info.project;
  env = await readFile(join(dir, '.env'), 'utf8');
  someone = await new Caller(host.info.app).signUp();
});
afterAll(async () => {
  await host?.stop();
  await rm(root, { recursive: true, force: true });
});
beforeEach(async () => {
  await writeFile(join(dir, '.env'), env);
  await watchFor(1);
});

const watchFor = (seconds: number) =>
  writeFile(join(dir, 'portsync.yaml'), `app: lab\nrollout: { watchSeconds: ${seconds} }\n`);
const start = (...args: string[]) => startCommand(program, [...args, '--project', dir]);
const portsync = (...args: string[]) => start(...args).ended;
const serving = async () => (await host.lab.edge.traffic(soon())).serving;
const lastJob = async () => (await new Journal(dir).jobs()).at(-1);
const doing = async (step: string) => {
  const job = await lastJob();
  return job?.outcome === null && job.operations.some(({ id }) => id === step);
};

async function states(): Promise<string[]> {
  const replicas = await host.lab.fleet.replicas(soon());
  return [...new Set(replicas.map(({ colour, state }) => `${colour} ${state}`))].sort();
}

/** What happens to requests that are sent all the time while `work` is done. */
async function underLoad(work: () => Promise<unknown>): Promise<LoadResult> {
  const stop = startLoad(someone, PER_SECOND);
  try {
    await sleep(300);
    await work();
    await sleep(300);
  } finally {
    await stop();
  }
  return stop();
}

/** Nothing failed, and every write that was acknowledged is there. */
async function expectUnharmed(result: LoadResult): Promise<void> {
  expect(result.failures).toEqual([]);
  expect(await someone.texts()).toEqual(expect.arrayContaining(result.written));
}

/** `before` is still what serves, and nothing else runs. */
async function expectAsBefore(before: string | null): Promise<void> {
  expect(await serving()).toBe(before);
  expect((await states()).filter((state) => state.endsWith('running'))).toEqual([
    `${before} running`,
  ]);
  expect(await new Journal(dir).unfinished()).toEqual([]);
}

describe('a deploy under load', () => {
  it('fails no request, keeps the old replicas, and is one line in the audit log', async () => {
    const before = await serving();
    let ended: Ended | null = null;
    const result = await underLoad(async () => {
      ended = await portsync('deploy', '--yes', '--json');
    });
    expect(ended).toMatchObject({ code: 0, result: { ok: true, deployed: true, from: before } });
    await expectUnharmed(result);
    expect(await serving()).not.toBe(before);
    expect(await states()).toContain(`${before} exited`);
    const log = await readFile(join(dir, '.portsync', 'audit.log'), 'utf8');
    const entry = JSON.parse(log.trim().split('\n').at(-1) ?? '');
    expect(entry).toMatchObject({ outcome: 'done', what: expect.stringMatching(/^deploy/) });
    const files = [join(dir, '.portsync', 'audit.log')];
    const jobs = join(dir, '.portsync', 'jobs');
    for (const name of await readdir(jobs)) files.push(join(jobs, name));
    for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(jobs)).mode & 0o777).toBe(0o700);
  });

  it('tells each step, as it begins and as it ends', async () => {
    const { stdout } = await portsync('deploy', '--yes', '--json');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const steps = events.filter(({ event }) => event === 'step');
    const order = ['start', 'healthy', 'switch', 'watch', 'drain', 'stop'];
    expect(steps.map(({ id, state }) => `${id} ${state}`)).toEqual(
      order.flatMap((id) => [`${id} doing`, `${id} done`]),
    );
    expect(events.at(-1)).toMatchObject({ event: 'result', ok: true });
  });

  it('only says what it would do when that is all it is asked for', async () => {
    const before = await states();
    const { code, result } = await portsync('deploy', '--dry-run', '--json');
    expect(code).toBe(0);
    expect(result).toMatchObject({ dryRun: true, replicas: REPLICAS });
    expect(await states()).toEqual(before);
  });

  it('changes the number of replicas', async () => {
    const { code } = await portsync('deploy', '--yes', '--json', '--replicas', '1');
    expect(code).toBe(0);
    const running = (await host.lab.fleet.replicas(soon())).filter(
      (each) => each.state === 'running',
    );
    expect(running).toHaveLength(1);
    await portsync('deploy', '--yes', '--json', '--replicas', String(REPLICAS));
  });
});

describe('a deploy that goes wrong under load', () => {
  it('with an app that exits at its start, ends with its last words and changes nothing', async () => {
    const before = await serving();
    await writeFile(join(dir, '.env'), env.replace(/JWT_SECRET=.*/, 'JWT_SECRET=short'));
    let ended: Ended | null = null;
    const result = await underLoad(async () => {
      ended = await portsync('deploy', '--yes', '--json');
    });
    expect(ended).toMatchObject({
      code: 1,
      result: {
        ok: false,
        error: { code: 'replica-not-healthy', why: expect.stringMatching(/JWT_SECRET/) },
      },
    });
    await expectUnharmed(result);
    await expectAsBefore(before);
    expect(await lastJob()).toMatchObject({ outcome: 'undone' });
  });

  it('with an app that never gets healthy, says why and leaves no secret in the journal', async () => {
    const before = await serving();
    const settings = 'app: lab\nrollout: { healthySeconds: 6 }\n';
    await writeFile(join(dir, 'portsync.yaml'), settings);
    await writeFile(join(dir, '.env'), env.replace(/:[^:@]+@/, ':not-the-password@'));
    let ended: Ended | null = null;
    const result = await underLoad(async () => {
      ended = await portsync('deploy', '--yes', '--json');
    });
    expect(ended).toMatchObject({
      code: 1,
      result: { error: { why: expect.stringMatching(/password authentication failed/) } },
    });
    await expectUnharmed(result);
    await expectAsBefore(before);
    const jobs = join(dir, '.portsync', 'jobs');
    for (const name of await readdir(jobs)) {
      expect(await readFile(join(jobs, name), 'utf8')).not.toMatch(/not-the-password|JWT_SECRET/);
    }
  });

  it('goes back by itself when a new replica dies soon after the switch', async () => {
    const before = await serving();
    await watchFor(120);
    let ended: Ended | null = null;
    const result = await underLoad(async () => {
      const deploying = start('deploy', '--yes', '--json');
      await until(() => doing('watch'), 60_000);
      const colour = await serving();
      expect(colour).not.toBe(before);
      await sleep(500);
      await host.lab.actions.killReplica(`web-${colour}.1`);
      ended = await deploying.ended;
    });
    expect(ended).toMatchObject({ code: 1, result: { error: { code: 'replica-not-healthy' } } });
    // A write that runs in the dying replica cannot be sent again.
    expect(result.failures.filter((failure) => failure.startsWith('GET'))).toEqual([]);
    await expectAsBefore(before);
  });

  it('leaves nothing to roll back to, and says so', async () => {
    const { code, result } = await portsync('rollback', '--yes', '--json');
    expect(code).toBe(2);
    expect(result.error).toMatchObject({ code: 'no-rollback' });
  });

  it('is refused without a yes where nobody can be asked', async () => {
    expect(await portsync('deploy', '--json')).toMatchObject({
      code: 2,
      result: { error: { code: 'confirmation-needed' } },
    });
    expect(await portsync('deploy')).toMatchObject({ code: 2 });
  });
});

describe('Ctrl-C', () => {
  it.each(['healthy', 'watch'])('in step “%s” undoes the deploy, under load', async (step) => {
    const before = await serving();
    await watchFor(120);
    let ended: Ended | null = null;
    const result = await underLoad(async () => {
      const deploying = start('deploy', '--yes', '--json');
      await until(() => doing(step), 60_000);
      deploying.kill('SIGINT');
      ended = await deploying.ended;
    });
    expect(ended).toMatchObject({ code: 130, result: { error: { code: 'cancelled' } } });
    await expectUnharmed(result);
    await expectAsBefore(before);
    expect(await lastJob()).toMatchObject({ outcome: 'undone' });
  });
});

describe('two at once', () => {
  it('are refused but one, which is named, and the one goes on', async () => {
    await watchFor(5);
    const first = start('deploy', '--yes', '--json');
    await until(() => doing('start'), 60_000);
    const second = await portsync('rollback', '--yes', '--json');
    expect(second).toMatchObject({
      code: 1,
      result: {
        error: {
          code: 'project-busy',
          message: expect.stringContaining('“deploy: the same image'),
        },
      },
    });
    expect(await first.ended).toMatchObject({ code: 0 });
  });
});

describe('a rollback under load', () => {
  it('brings the replicas of before back, and the .env that they know', async () => {
    await portsync('deploy', '--yes', '--json');
    const before = await serving();
    await writeFile(join(dir, '.env'), `${env}GREETING=hello\n`);
    expect(await portsync('deploy', '--yes', '--json')).toMatchObject({ code: 0 });
    let ended: Ended | null = null;
    const result = await underLoad(async () => {
      ended = await portsync('rollback', '--yes', '--json');
    });
    expect(ended).toMatchObject({ code: 0, result: { to: before } });
    await expectUnharmed(result);
    expect(await serving()).toBe(before);
    expect(await readFile(join(dir, '.env'), 'utf8')).toBe(env);
    const forth = await portsync('rollback', '--yes', '--json');
    expect(forth).toMatchObject({ code: 0 });
    expect(await readFile(join(dir, '.env'), 'utf8')).toBe(`${env}GREETING=hello\n`);
  });
});

describe('while the database is being switched', () => {
  it('a deploy is refused', async () => {
    const { mkdir } = await import('node:fs/promises');
    const folder = join(dir, '.portsync', 'migration');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'state.json'), JSON.stringify({ state: 'cutting-over' }));
    expect(await portsync('deploy', '--yes', '--json')).toMatchObject({
      code: 2,
      result: { error: { code: 'migration-cutting-over' } },
    });
    await rm(folder, { recursive: true });
  });
});
