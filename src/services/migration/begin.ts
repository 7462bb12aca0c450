import { randomBytes } from 'node:crypto';
import { UsageError } from '../../errors.ts';
import type { Preflight, Side } from '../../model/migration.ts';
import { pastedUrl } from '../database/pasted.ts';
import { describeTarget } from '../database/url.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { makeStateDir } from '../disk/state-dir.ts';
import { thisProcess } from '../lock/holder.ts';
import { withLock } from '../lock/lock.ts';
import { databaseUrl, findProject } from '../project/project.ts';
import { openApp } from './app.ts';
import { Book } from './book.ts';
import { lookAt } from './look.ts';
import { openMover } from './movers.ts';
import { freshMigration, type Options, type Order, writeOrder } from './order.ts';
import { placesOf } from './places.ts';
import { heldBy, refused, WATCH } from './problems.ts';
import { fileShelf } from './shelf.ts';
import { TRANSITIONS } from './transitions.ts';

/** What was asked for, as the person gave it. */
export interface Wish {
  projectDir: string;
  target: string;
  /** Null: what the project's .env names. */
  source: string | null;
  options: Options;
}

/** @throws UsageError where there is no source, or the two are no pair. */
export async function orderOf({ projectDir, target, source, options }: Wish): Promise<Order> {
  const project = await findProject(projectDir);
  const own = project && (await databaseUrl(project));
  const urls: Record<Side, string> = {
    source: source === null ? (own ?? noSource()) : pastedUrl(source),
    target: pastedUrl(target),
  };
  const kind = kindOf(urls);
  const env = urls.source === own;
  const app = env ? await openApp(projectDir) : null;
  await app?.close();
  const id = randomBytes(4).toString('hex');
  return { id, kind, urls, env, app: app !== null, options };
}

/** Looks at both servers, and changes nothing anywhere. */
export async function preflightOf(
  projectDir: string,
  { kind, urls, id }: Order,
  signal: AbortSignal,
): Promise<Preflight> {
  const mover = await openMover(projectDir, kind, urls, id, signal);
  try {
    return await mover.preflight(signal);
  } finally {
    await mover.close();
  }
}

/** Writes down what is to be done; a worker then does it. @throws UsageError while another one is. */
export async function begin(projectDir: string, order: Order, signal: AbortSignal): Promise<void> {
  await makeStateDir(nodeDisk, projectDir, 'migration');
  const places = placesOf(projectDir);
  const patience = { waitMs: 0, refusal: heldBy };
  const write = async () => {
    const before = await lookAt(places);
    if (before && !TRANSITIONS[before.state].begun) throw notEnded();
    await writeOrder(places, order);
    const book = await Book.open(fileShelf(places), freshMigration(order));
    await book.flush();
  };
  await withLock(nodeDisk, places.lock, thisProcess, signal, write, patience);
}

function kindOf({ source, target }: Record<Side, string>) {
  const [from, to] = [describeTarget(source), describeTarget(target)];
  if (from.kind !== to.kind) {
    throw new UsageError({
      code: 'kinds-differ',
      message: 'The two databases are of different kinds.',
      why: `${from.masked} and ${to.masked}.`,
      next: 'PortSync moves PostgreSQL to PostgreSQL, and MongoDB to MongoDB.',
    });
  }
  if (from.where === to.where) {
    throw new UsageError({
      code: 'same-database',
      message: 'The new database is the one that the app uses already.',
      why: `Both are ${from.where}.`,
      next: 'Paste the connection string of the new one.',
    });
  }
  return from.kind;
}

function noSource(): never {
  throw new UsageError({
    code: 'no-source',
    message: 'It is not known which database is to be moved.',
    why: 'There is no .env with a DATABASE_URL here.',
    next: 'Run the command in the project directory, or name the database with --from URL.',
  });
}

function notEnded() {
  return refused(
    'Another migration of this project was begun and has not ended.',
    'One is done at a time.',
    `Go on with portsync migrate, or give up with portsync migrate abort. ${WATCH}`,
  );
}
