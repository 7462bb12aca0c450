import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'dotenv';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Migration } from '../../src/model/migration.ts';
import { begin, orderOf } from '../../src/services/migration/begin.ts';
import { askFor, askToEnd, ensureWorker, mustLook } from '../../src/services/migration/client.ts';
import { DEFAULT_OPTIONS, type Options } from '../../src/services/migration/order.ts';
import { placesOf } from '../../src/services/migration/places.ts';
import { Caller } from '../rig/http-interface.ts';
import { startLab, type TestLab } from '../rig/lab.ts';
import { type LoadResult, startLoad } from '../rig/load.ts';
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
  if (worker) process.kill(worker, 'SIGKILL');
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
async function expectOn(url: string): Promise<void> {
  const text = await readFile(join(dir(), '.env'), 'utf8');
  expect(parse(text).DATABASE_URL).toBe(url);
  const answer = await someone.send('POST', '/api/notes', { text: 'still here' });
  expect(answer.status).toBe(201);
}

async function expectAll(written: readonly string[]): Promise<void> {
  const there = new Set(await someone.texts('?limit=10000'));
  expect(written.filter((text) => !there.has(text))).toEqual([]);
}

describe('moving the database of a lab', () => {
  it('under load, back, over again and to the end fails no request and loses no write', async () => {
    const stop = startLoad(someone, PER_SECOND);
    let load: LoadResult;
    try {
      await start();
      await reached('in step', ({ state }) => state === 'ready');
      expect(await turn('cutover')).toMatchObject({
        state: 'switched',
        cutover: { failedRequests: 0 },
        proof: { equal: true },
      });
      await expectOn(host.info.target);
      await reached('the way back is open', ({ wayBack }) => wayBack.open);
      expect(await turn('back')).toMatchObject({ state: 'returned', proof: { equal: true } });
      await expectOn(host.info.database);
      await reached('in step again', ({ follow }) => follow !== null);
      expect(await turn('cutover')).toMatchObject({ state: 'switched', proof: { equal: true } });
    } finally {
      load = await stop();
    }
    await askToEnd(dir(), { how: 'finish', dropCopy: false }, soon());
    await reached('the end', ({ state }) => state === 'finished');
    expect((await look()).problem).toBeNull();
    expect(load.failures).toEqual([]);
    await expectOn(host.info.target);
    await expectAll(load.written);
  });

  it('goes on after every kill -9, with the app on one database', async () => {
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
      await expectAll(written);
    }
    await expectOn(host.info.database);
  });

  it('is whole wherever in a cut-over its process is killed', async () => {
    await start();
    await reached('in step', ({ state }) => state === 'ready');
    for (const step of ['start-colour', 'hold', 'freeze', 'proof', 'switch'] as const) {
      const before = (await look()).cutover?.startedAt;
      const way = (await look()).state === 'switched' ? 'back' : 'cutover';
      await askFor(dir(), way, soon());
      await kill(
        ({ cutover }) =>
          cutover?.startedAt !== before &&
          (cutover?.outcome !== null || cutover.steps.some((each) => each.step === step)),
      );
      await ensureWorker(dir());
      await reached(
        `whole after ${step}`,
        ({ state, wayBack, follow }) =>
          state === 'ready' || (state === 'returned' && follow !== null) || wayBack.open,
      );
      const { state } = await look();
      await expectOn(state === 'switched' ? host.info.target : host.info.database);
    }
    await expectAll(['still here']);
  });
});

/** As soon as it is so; the next command finds nobody at work. */
async function kill(when: (migration: Migration) => boolean): Promise<void> {
  await until(async () => when(await look()), PATIENT_MS, `${when}`);
  const pid = await workerPid();
  if (pid) process.kill(pid, 'SIGKILL');
  await until(async () => (await look()).worker === null);
  await sleep(100);
}
