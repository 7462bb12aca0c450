import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Migration } from '../../model/migration.ts';
import { ControlClient } from '../control/client.ts';
import { isWorkedOn, lookAt } from './look.ts';
import { readOrder } from './order.ts';
import { type Places, placesOf } from './places.ts';
import type { Ending } from './position.ts';
import { nothingBegun, workerGone } from './problems.ts';
import { type Asked, refusalOf } from './requests.ts';
import type { Door, WorkerCalls } from './worker/calls.ts';
import { spawnWorker } from './worker/spawn.ts';

const CALL_LIMIT_MS = 10_000;
const DOOR_LIMIT_MS = 30_000;
const POLL_MS = 100;

/** Sees to it that a process works on the migration. */
export async function ensureWorker(projectDir: string, ending: Ending | null = null) {
  const places = placesOf(projectDir);
  if (!(await readOrder(places))) throw nothingBegun();
  if (await isWorkedOn(places)) return;
  await spawnWorker({ projectDir, ending });
}

/** Asks for one thing, of a process that is started for it where none works. */
export async function askFor(
  projectDir: string,
  asked: Exclude<Asked, 'finish' | 'abort'>,
  signal: AbortSignal,
): Promise<void> {
  const places = placesOf(projectDir);
  const before = await mustLook(places);
  if (before.worker === null) {
    // Refused before anything is started, unless only a process could tell.
    const refusal = refusalOf(asIfInStep(before), asked, false);
    if (refusal) throw refusal;
    await ensureWorker(projectDir);
    await untilAskable(places, asked, signal);
  }
  await (await doorOf(places, signal)).call(asked, [], limit());
}

/** Asks for the end; a dead worker's migration is ended by a new one. */
export async function askToEnd(
  projectDir: string,
  ending: Ending,
  signal: AbortSignal,
): Promise<void> {
  const places = placesOf(projectDir);
  const before = await mustLook(places);
  const refusal = refusalOf(before, ending.how === 'finish' ? 'finish' : 'abort', false);
  if (before.worker === null) {
    if (refusal && before.state !== 'cutting-over') throw refusal;
    return ensureWorker(projectDir, ending);
  }
  await (await doorOf(places, signal)).call('end', [ending], limit());
}

/** @throws UsageError where none was begun. */
export async function mustLook(places: Places): Promise<Migration> {
  const migration = await lookAt(places);
  if (migration) return migration;
  throw nothingBegun();
}

/** A worker that was just started first has to follow again. */
async function untilAskable(places: Places, asked: Asked, signal: AbortSignal): Promise<void> {
  for (;;) {
    const migration = await mustLook(places);
    if (migration.worker === null && !(await isWorkedOn(places))) throw workerGone(null);
    if (!refusalOf(migration, asked, false)) return;
    if (!refusalOf(asIfInStep(migration), asked, false))
      await sleep(POLL_MS, undefined, { signal });
    else throw refusalOf(migration, asked, false);
  }
}

/** As it will be once changes flow again. */
function asIfInStep(migration: Migration): Migration {
  const { state, wayBack, preflight } = migration;
  const open = wayBack.open || (preflight?.wayBack.possible ?? false);
  const follow = migration.follow ?? NO_LAG;
  const waking = state === 'following' || state === 'copying';
  return { ...migration, state: waking ? 'ready' : state, follow, wayBack: { ...wayBack, open } };
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
