import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'dotenv';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Migration } from '../../src/model/migration.ts';
import { begin, orderOf } from '../../src/services/migration/begin.ts';
import { askFor, askToEnd, ensureWorker, mustLook } from '../../src/services/migration/client.ts';
import { DEFAULT_OPTIONS, type Options } from '../../src/services/migration/order.ts';
import { placesOf } from '../../src/services/migration/places.ts';
import { Caller } from '../rig/http-interface.ts';
import { startLab, type TestLab } from '../rig/lab.ts';
import { startLoad } from '../rig/load.ts';
import { killForGood } from '../rig/migration-worker.ts';
import { until } from '../rig/until.ts';

// Whole labs are started, on a machine that may be busy.
vi.setConfig({ testTimeout: 300_000 });

const PER_SECOND = 30;
const PATIENT_MS = 120_000;
const soon = () => AbortSignal.timeout(PATIENT_MS);

let host: TestLab;
let someone: Caller;
beforeEach(async () => {
  host = await startLab({ replicas: 2 });
  someone = await new Caller(host.info.app).signUp();
});
afterEach(async () => {
  const worker = await workerPid();
  if (worker) killForGood(worker);
  await host?.stop();
});

const dir = () => host.info.project;
const look = () => mustLook(placesOf(dir()));
const workerPid = async () => (await look().catch(() => null))?.worker?.pid ?? null;

async function start(options: Partial<Options> = {}): Promise<void> {
  const order = await orderOf({
    projectDir: dir(),
    target: host.info.target,
    source: null,
    options: { ...DEFAULT_OPTIONS, holdCutover: true, deadlineMs: 15_000, ...options },
  });
  await begin(dir(), order, soon());
  await ensureWorker(dir());
}

function reached(what: string, condition: (migration: Migration) => boolean): Promise<void> {
  return until(async () => condition(await look()), PATIENT_MS, what);
}

/** Asks, and waits until it is through. */
async function turn(asked: 'cutover' | 'back'): Promise<Migration> {
  const before = (await look()).cutover?.startedAt;
  await askFor(dir(), asked, soon());
  await reached(
    `${asked} is through`,
    ({ cutover }) => cutover?.startedAt !== before && cutover?.outcome !== null,
  );
  return look();
}

/** The .env names the database that the app is on, and the app reads and writes there. */
/** In step, one way or the other. */
async function nextWay(): Promise<'cutover' | 'back'> {
  await reached(
    'in step',
    ({ state, follow, wayBack }) =>
      state === 'ready' || (state === 'returned' && follow !== null) || wayBack.open,
  );
  return (await look()).state === 'switched' ? 'back' : 'cutover';
}

async function expectOn(url: string): Promise<void> {
  const text = await readFile(join(dir(), '.env'), 'utf8');
  expect(parse(text).DATABASE_URL).toBe(url);
  const answer = await someone.send('POST', '/api/notes', { text: 'still here' });
  expect(answer.status).toBe(201);
}

/** What was acknowledged is in the database at `url`. */
async function expectAll(written: readonly string[], url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query('select text from notes');
    const there = new Set(rows.map(({ text }) => text));
    expect(written.filter((text) => !there.has(text))).toEqual([]);
  } finally {
    await client.end();
  }
}

describe('moving the database of an app, when the process that does it is killed', () => {
  it('goes on with the next command in every phase, and no request fails', async () => {
    const stop = startLoad(someone, PER_SECOND);
    try {
      await start();
      await kill(({ state }) => state === 'copying');
      await ensureWorker(dir());
      await reached('in step', ({ state }) => state === 'ready');
      await kill(({ state }) => state === 'ready');
      await turn('cutover');
      expect((await look()).state).toBe('switched');
      await kill(({ wayBack }) => wayBack.open);
      expect((await turn('back')).state).toBe('returned');
      await kill(({ state }) => state === 'returned');
      await askToEnd(dir(), { how: 'abort', dropCopy: true }, soon());
      await reached('the end', ({ state }) => state === 'aborted');
    } finally {
      const { failures, written } = await stop();
      expect(failures).toEqual([]);
      await expectAll(written, host.info.database);
    }
    await expectOn(host.info.database);
  });

  it('leaves the app on one database, whichever step of a cut-over it was in', async () => {
    await start();
    await reached('in step', ({ state }) => state === 'ready');
    for (const step of ['start-colour', 'hold', 'freeze', 'proof', 'switch'] as const) {
      const before = (await look()).cutover?.startedAt;
      await askFor(dir(), await nextWay(), soon());
      await kill(
        ({ cutover }) =>
          cutover?.startedAt !== before &&
          (cutover?.outcome !== null || cutover.steps.some((each) => each.step === step)),
      );
      await ensureWorker(dir());
      const on = (await nextWay()) === 'back' ? host.info.target : host.info.database;
      await expectOn(on);
    }
  });
});

/** As soon as it is so; the next command finds nobody at work. */
async function kill(when: (migration: Migration) => boolean): Promise<void> {
  await until(async () => when(await look()), PATIENT_MS, `${when}`);
  const pid = await workerPid();
  if (pid) killForGood(pid);
  await until(async () => (await look()).worker === null);
  await sleep(100);
}
