import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { UsageError } from '../../../errors.ts';
import type { DatabaseKind } from '../../../model/database.ts';
import type { DatabaseServer, Login, ServerContext, ServerIdentity, ServerKind } from './server.ts';

const DATABASE = 'lab';

/** The two servers of a lab: the app's own, with data, and an empty one that stands for a cloud. */
export interface Databases {
  db: DatabaseServer;
  cloud: DatabaseServer;
  /** What they were the last time; null when they were made just now. */
  before: Kept | null;
}

interface Kept {
  kind: DatabaseKind;
  db: ServerIdentity;
  cloud: ServerIdentity;
}

/** Starts the servers whose data is in `dir`, or makes them there. */
export async function startDatabases(
  kind: DatabaseKind,
  dir: string,
  context: ServerContext,
): Promise<Databases> {
  const servers = await serversOf(kind);
  const file = join(dir, 'servers.json');
  const kept = await readKept(file, kind, dir);
  const made = kept ?? newServers(kind);
  const start = async (name: 'db' | 'cloud') => {
    const data = join(dir, name);
    if (!kept) {
      await rm(data, { recursive: true, force: true });
      await servers.create(data, made[name], context);
    }
    return servers.start(data, made[name], context);
  };
  // Both to their end, whatever that is: nobody would end a server that comes up later.
  const starts = [start('db'), start('cloud')] as const;
  await Promise.allSettled(starts);
  const [db, cloud] = await Promise.all(starts);
  if (!kept) await servers.fill(db, cloud);
  // Written last: data without it is half made, and is made anew.
  const now: Kept = { kind, db: db.identity, cloud: cloud.identity };
  await writeFileAtomic(file, JSON.stringify(now, null, 2), { mode: 0o600 });
  return { db, cloud, before: kept };
}

export async function stopDatabases({ db, cloud }: Databases, temporary: boolean): Promise<void> {
  const servers = await serversOf(db.kind);
  await Promise.all([servers.stop(db, temporary), servers.stop(cloud, temporary)]);
}

async function serversOf(kind: DatabaseKind): Promise<ServerKind> {
  return kind === 'postgres'
    ? (await import('./postgres.ts')).postgres
    : (await import('./mongo.ts')).mongo;
}

function newServers(kind: DatabaseKind): Kept {
  const owner = () => login('lab');
  const admin = login('lab');
  const database = DATABASE;
  const db =
    kind === 'postgres' ? { admin, owner: admin } : { admin: login('admin'), owner: owner() };
  return {
    kind,
    db: { port: 0, database, ...db },
    cloud: { port: 0, database, admin: login('cloud_admin'), owner: owner() },
  };
}

function login(user: string): Login {
  return { user, password: randomBytes(18).toString('base64url') };
}

async function readKept(file: string, kind: DatabaseKind, dir: string): Promise<Kept | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const kept: Kept = JSON.parse(text);
  if (kept.kind === kind) return kept;
  throw new UsageError({
    code: 'other-database',
    message: `The lab in ${dir} does not run on ${kind}.`,
    why: `It was made with --db ${kept.kind}.`,
    next: `Start it with --db ${kept.kind}, or choose another directory.`,
  });
}
