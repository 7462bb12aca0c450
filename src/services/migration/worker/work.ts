import { rm } from 'node:fs/promises';
import { CancelledError } from '../../../errors.ts';
import type { Mover } from '../../../ports/mover.ts';
import { nodeDisk } from '../../disk/node-disk.ts';
import { exclusively } from '../../journal/exclusively.ts';
import { thisProcess } from '../../lock/holder.ts';
import { keepFresh } from '../../lock/keep-fresh.ts';
import { withLock } from '../../lock/lock.ts';
import { type App, openApp } from '../app.ts';
import { Book, now } from '../book.ts';
import { Desk } from '../desk.ts';
import { envFileOf } from '../env-file.ts';
import { openMover } from '../movers.ts';
import { freshMigration, type Order, readOrder } from '../order.ts';
import type { Parts } from '../parts.ts';
import { placesOf } from '../places.ts';
import type { Ending } from '../position.ts';
import { appGone, heldBy, nothingBegun } from '../problems.ts';
import { runMigration } from '../run.ts';
import { fileShelf } from '../shelf.ts';
import { openDoor } from './door.ts';

const PATIENCE = { waitMs: 0, refusal: heldBy };

/** What a process is to do with a migration that was ordered. */
export interface Task {
  projectDir: string;
  /** Asked for before it started. */
  ending: Ending | null;
}

/**
 * Works on the project's migration until its end, or until `life` aborts; nobody else can meanwhile.
 * `ready` is called when it can be asked.
 * @throws UsageError `migration-held` where another process does.
 */
export async function work(task: Task, ready: () => void, life: AbortController): Promise<void> {
  const places = placesOf(task.projectDir);
  // A project that was removed needs nobody; one whose lock was taken away may have somebody else.
  const lost = () => life.abort(new CancelledError());
  const alone = () => keepFresh(places.lock, () => workAlone(task, ready, life.signal), lost);
  await withLock(nodeDisk, places.lock, thisProcess, life.signal, alone, PATIENCE);
}

async function workAlone(task: Task, ready: () => void, life: AbortSignal): Promise<void> {
  const places = placesOf(task.projectDir);
  // One that was killed left its own, and behind that nobody answers.
  await rm(places.door, { force: true });
  const order = await readOrder(places);
  if (!order) throw nothingBegun();
  const book = await Book.open(fileShelf(places), freshMigration(order));
  book.show({ worker: { pid: process.pid, since: now() } });
  await book.flush();
  const desk = new Desk(() => book.migration);
  if (task.ending) desk.end(task.ending);
  const app = order.app ? await mustOpen(task.projectDir) : null;
  const mover = await openMover(task.projectDir, order.kind, order.urls, order.id, life);
  const parts = partsOf(task.projectDir, order, mover, app, book);
  const closeDoor = await openDoor(places, desk);
  ready();
  try {
    await runMigration(parts, desk, life);
  } finally {
    await closeDoor();
    book.show({ worker: null });
    await book.flush();
    await Promise.allSettled([mover.close(), app?.close()]);
  }
}

function partsOf(
  projectDir: string,
  { env, urls, options }: Order,
  mover: Mover,
  app: App | null,
  book: Book,
): Parts {
  return {
    ...{ mover, app, book, options },
    env: env ? envFileOf(projectDir, urls) : null,
    alone: (signal, work) => exclusively(projectDir, signal, work),
  };
}

async function mustOpen(projectDir: string): Promise<App> {
  const app = await openApp(projectDir);
  if (app) return app;
  throw appGone();
}
