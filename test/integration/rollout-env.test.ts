import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'dotenv';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EnvStore } from '../../src/services/env/store.ts';
import { readEnvPlaces } from '../../src/services/project/env-places.ts';
import { bundle } from '../rig/bundle.ts';
import { type Ended, startCommand } from '../rig/cli.ts';
import { Caller } from '../rig/http-interface.ts';
import { startLab, type TestLab } from '../rig/lab.ts';
import { startLoad } from '../rig/load.ts';

// A whole lab, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

const PER_SECOND = 200;
const soon = () => AbortSignal.timeout(60_000);

let root: string;
let program: string;
let host: TestLab;
let someone: Caller;
let dir: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'portsync-rollout-env-'));
  program = await bundle(new URL('../../src/cli.ts', import.meta.url).pathname, root);
  host = await startLab({ replicas: 2 });
  dir = host.info.project;
  await writeFile(join(dir, 'portsync.yaml'), 'app: lab\nrollout: { watchSeconds: 1 }\n');
  someone = await new Caller(host.info.app).signUp();
});
afterAll(async () => {
  await host?.stop();
  await rm(root, { recursive: true, force: true });
});

const env = (...args: string[]) =>
  startCommand(program, ['env', ...args, '--json', '--project', dir]).ended;
const inFile = async (key: string) => parse(await readFile(join(dir, '.env'), 'utf8'))[key];

/** What the replicas that serve have. */
async function running(key: string): Promise<Array<string | undefined>> {
  const { serving } = await host.lab.edge.traffic(soon());
  const all = await host.lab.environments(soon());
  const of = all.filter(({ replica }) => replica.startsWith(`web-${serving}`));
  return of.map((each) => each.env.get(key));
}

async function underLoad(work: () => Promise<Ended>): Promise<Ended> {
  const stop = startLoad(someone, PER_SECOND);
  let ended: Ended;
  try {
    await sleep(300);
    ended = await work();
    await sleep(300);
  } finally {
    await stop();
  }
  const result = await stop();
  expect(result.failures).toEqual([]);
  expect(result.reads + result.writes).toBeGreaterThan(PER_SECOND);
  expect(await someone.texts()).toEqual(expect.arrayContaining(result.written));
  return ended;
}

describe('a change of the .env under load', () => {
  it('reaches every replica with one command, and no request fails', async () => {
    const ended = await underLoad(() => env('set', 'GREETING', '--value', 'one', '--yes'));
    expect(ended).toMatchObject({
      code: 0,
      result: { ok: true, written: true, deployed: true, reason: 'set GREETING', rebuild: [] },
    });
    expect(await inFile('GREETING')).toBe('one');
    expect(await running('GREETING')).toEqual(['one', 'one']);
  });

  it('is undone by restoring the version before, and that by restoring again', async () => {
    await env('set', 'GREETING', '--value', 'two', '--yes');
    const undone = await underLoad(() => env('restore', 'previous', '--yes'));
    expect(undone).toMatchObject({ code: 0, result: { deployed: true } });
    expect(await running('GREETING')).toEqual(['one', 'one']);
    const redone = await underLoad(() => env('restore', 'previous', '--yes'));
    expect(redone).toMatchObject({ code: 0, result: { deployed: true } });
    expect(await inFile('GREETING')).toBe('two');
    expect(await running('GREETING')).toEqual(['two', 'two']);
  });

  it('that no replica can start with changes neither them nor the file', async () => {
    const before = await readFile(join(dir, '.env'));
    const ended = await underLoad(() => env('set', 'JWT_SECRET', '--value', 'short', '--yes'));
    expect(ended).toMatchObject({ code: 1, result: { error: { code: 'replica-not-healthy' } } });
    expect(await readFile(join(dir, '.env'))).toEqual(before);
    expect(await running('GREETING')).toEqual(['two', 'two']);
  });

  it('says in its plan what needs a new image, and what leads to another database', async () => {
    const secret = await inFile('DATABASE_URL');
    const { result } = await env('set', 'NEXT_PUBLIC_NAME', '--value', 'Shop', '--yes');
    expect(result).toMatchObject({ deployed: true, rebuild: ['NEXT_PUBLIC_NAME'] });
    const planned = await env('restore', 'previous', '--dry-run');
    expect(planned.result).toMatchObject({
      dryRun: true,
      changes: [{ key: 'NEXT_PUBLIC_NAME', change: 'removed' }],
      warnings: [expect.stringMatching(/new image/)],
    });
    expect(planned.stdout + planned.stderr).not.toContain(secret);
  });
});

describe('a change of the .env', () => {
  it('is only written where nobody can be asked, or with --no-deploy; drift tells where it is not yet', async () => {
    expect((await env('drift')).code).toBe(0);
    const written = await env('set', 'GREETING', '--value', 'three');
    expect(written).toMatchObject({ code: 0, result: { written: true, deployed: false } });
    expect(written.stderr).toMatch(/--yes/);
    expect(await running('GREETING')).toEqual(['two', 'two']);
    const drift = await env('drift');
    expect(drift.code).toBe(3);
    expect(drift.stdout).not.toContain('three');
    expect(drift.result).toMatchObject({
      checked: [expect.stringMatching(/^web-/), expect.stringMatching(/^web-/)],
      drift: [
        { key: 'GREETING', how: 'different' },
        { key: 'GREETING', how: 'different' },
      ],
    });
    const places = await readEnvPlaces(dir, soon());
    const [newest, before] = (await new EnvStore(dir).history(soon())).versions;
    expect(newest?.id).not.toBe(before?.id);
    expect(places).toMatchObject([
      { version: before?.id, differs: ['GREETING'], unread: null },
      { version: before?.id, differs: ['GREETING'], unread: null },
    ]);
    const more = await env('unset', 'GREETING', '--no-deploy', '--yes');
    expect(more).toMatchObject({ code: 0, result: { deployed: false } });
    expect((await env('drift')).result.drift).toMatchObject([{ how: 'extra' }, { how: 'extra' }]);
  });
});
