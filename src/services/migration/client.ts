import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../errors.ts';
import type { Migration } from '../../model/migration.ts';
import { ControlClient } from '../control/client.ts';
import type { Request } from './desk.ts';
import { isWorkedOn, lookAt } from './look.ts';
import { readOrder } from './order.ts';
import { type Places, placesOf } from './places.ts';
import type { Ending } from './position.ts';
import { HELD, nothingBegun, workerGone } from './problems.ts';
import { refusalOf } from './requests.ts';
import type { Door, WorkerCalls } from './worker/calls.ts';
import { spawnWorker } from './worker/spawn.ts';

const CALL_LIMIT_MS = 10_000;
const DOOR_LIMIT_MS = 30_000;
const POLL_MS = 100;

/** Sees to it that a process works on the migration; false where one did already, untold of `ending`. */
export async function ensureWorker(
  projectDir: string,
  ending: Ending | null = null,
): Promise<boolean> {
  const places = placesOf(projectDir);
  if (!(await readOrder(places))) throw nothingBegun();
  if (await isWorkedOn(places)) return false;
  try {
    await spawnWorker({ projectDir, ending });
    return true;
  } catch (error) {
    // One that was killed comes again by itself, and may have been faster.
    if (error instanceof UsageError && error.code === HELD) return false;
    throw error;
  }
}

/** Asks for one thing, of a process that is started for it where none works. */
export async function askFor(
  projectDir: string,
  asked: Request,
  signal: AbortSignal,
): Promise<void> {
  const places = placesOf(projectDir);
  const before = await mustLook(places);
  if (before.worker !== null) return ask(places, asked, signal);
  const refusal = refusalOnceAwake(before, asked);
  if (refusal) throw refusal;
  await ensureWorker(projectDir);
  await askWhenAwake(places, asked, signal);
}

/** Asks for the end; a dead worker's migration is ended by a new one. */
export async function askToEnd(
  projectDir: string,
  ending: Ending,
  signal: AbortSignal,
): Promise<void> {
  const places = placesOf(projectDir);
  const before = await mustLookWhenLeft(places, signal);
  const refusal = refusalOf(before, ending.how === 'finish' ? 'finish' : 'abort', false);
  if (before.worker === null) {
    if (refusal && before.state !== 'cutting-over') throw refusal;
    if (await ensureWorker(projectDir, ending)) return;
  }
  await (await doorOf(places, signal)).call('end', [ending], limit());
}

/** A worker that has just failed hears no more, and is gone in a moment. */
async function mustLookWhenLeft(places: Places, signal: AbortSignal): Promise<Migration> {
  for (const end = Date.now() + DOOR_LIMIT_MS; ; await sleep(POLL_MS, undefined, { signal })) {
    const migration = await mustLook(places);
    const leaving = migration.state === 'failed' && migration.worker !== null;
    if (!leaving || Date.now() > end) return migration;
  }
}

/** @throws UsageError where none was begun. */
export async function mustLook(places: Places): Promise<Migration> {
  const migration = await lookAt(places);
  if (migration) return migration;
  throw nothingBegun();
}

/** A worker that was just started has to settle what it finds, and to follow again, before it can. */
async function askWhenAwake(places: Places, asked: Request, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      return await ask(places, asked, signal);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (refusalOnceAwake(await mustLook(places), asked)) throw error;
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function ask(places: Places, asked: Request, signal: AbortSignal): Promise<void> {
  await (await doorOf(places, signal)).call(asked, [], limit());
}

/** As it will be once changes flow again. What becomes of a cut-over nobody knows before. */
function refusalOnceAwake(migration: Migration, asked: Request): UsageError | null {
  const { state, wayBack, preflight } = migration;
  if (state === 'cutting-over') return null;
  const open = wayBack.open || (preflight?.wayBack.possible ?? false);
  const follow = migration.follow ?? NO_LAG;
  const waking = state === 'following' || state === 'copying';
  const awake = { ...migration, state: waking ? 'ready' : state, follow };
  return refusalOf({ ...awake, wayBack: { ...wayBack, open } }, asked, false);
}

const NO_LAG = {
  lagMs: 0,
  behindBytes: null,
  changes: 0,
  changesPerSecond: 0,
  waiting: null,
} as const;

/** A worker that has just begun opens its door in a moment. */
async function doorOf(places: Places, signal: AbortSignal) {
  const end = Date.now() + DOOR_LIMIT_MS;
  for (;;) {
    const text = await readFile(places.door, 'utf8').catch(() => null);
    if (text !== null) {
      const { socket }: Door = JSON.parse(text);
      return new ControlClient<WorkerCalls>(socket, workerGone);
    }
    if (Date.now() > end || !(await isWorkedOn(places))) throw workerGone(null);
    await sleep(POLL_MS, undefined, { signal });
  }
}

function limit(): AbortSignal {
  return AbortSignal.timeout(CALL_LIMIT_MS);
}
