import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, type Document, MongoClient } from 'mongodb';
import { CancelledError, ExternalError } from '../../../errors.ts';
import { timeLimit } from '../../../limit.ts';
import { hashPassword } from '../app/auth.ts';
import { Child, type ChildSpec } from '../machine/child.ts';
import { LogRing } from '../machine/log-ring.ts';
import { freePort } from '../machine/ports.ts';
import { fillMongo } from './sample-mongo.ts';
import type { DatabaseServer, Login, ServerContext, ServerIdentity, ServerKind } from './server.ts';

const START_LIMIT_MS = 30_000;
const CONNECT_LIMIT_MS = 5_000;
const STOP_LIMIT_MS = 10_000;
const TRIES = 3;
const POLL_MS = 100;
const SET = 'rs0';

/**
 * What the app and PortSync need, and not `root`: that role, like `restore`, writes even while
 * writes are blocked, which would make a freeze of the database worth nothing. The right to block
 * them is in no other built-in role.
 */
const FREEZE = {
  createRole: 'freeze',
  privileges: [{ resource: { cluster: true }, actions: ['setUserWriteBlockMode'] }],
  roles: [],
};
const OWNER_ROLES = ['readWriteAnyDatabase', 'dbAdminAnyDatabase', 'clusterAdmin', 'freeze'];

export const mongo: ServerKind = { create, start, stop, fill };

async function create(dir: string): Promise<void> {
  await mkdir(dir, { mode: 0o700 });
  // mongod refuses a key that others may read, and says so in its log only.
  await writeFile(keyFile(dir), randomBytes(96).toString('base64'), { mode: 0o600 });
}

async function start(
  dir: string,
  made: ServerIdentity,
  context: ServerContext,
): Promise<DatabaseServer> {
  let port = await freePort(made.port || null);
  for (let tries = 1; ; tries += 1) {
    const identity = { ...made, port };
    const child = launch(dir, port, context);
    if (await whenAnswering(child, port, context.signal)) {
      const version = await openReplicaSet(identity, made.port === 0, context.signal);
      return running(child, identity, version);
    }
    const words = await child.lastWords();
    const taken = /SocketException|[Aa]ddress already in use/.test(words);
    if (tries === TRIES || !taken) throw notStarted(words);
    port = await freePort();
  }
}

async function stop(server: DatabaseServer, temporary: boolean): Promise<void> {
  await server.child.stop(temporary ? 'SIGKILL' : 'SIGTERM', STOP_LIMIT_MS);
}

async function fill(db: DatabaseServer): Promise<void> {
  const hash = await hashPassword(randomBytes(24).toString('base64url'));
  await withMongo(db.url, (sample) => fillMongo(sample, hash));
}

/** One connection for `work` on the url's database. */
async function withMongo<T>(url: string, work: (db: Db) => Promise<T>): Promise<T> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: CONNECT_LIMIT_MS });
  try {
    return await work(client.db());
  } finally {
    await client.close();
  }
}

function running(child: Child, identity: ServerIdentity, version: string): DatabaseServer {
  const { admin, owner, database } = identity;
  const url = urlOf(identity, owner, database);
  const adminUrl = urlOf(identity, admin, database);
  return { kind: 'mongo', product: `MongoDB ${version}`, child, url, adminUrl, identity };
}

function urlOf({ port }: ServerIdentity, { user, password }: Login, database: string): string {
  const options = `authSource=admin&replicaSet=${SET}`;
  return `mongodb://${user}:${password}@127.0.0.1:${port}/${database}?${options}`;
}

function launch(dir: string, port: number, { binary, registration }: ServerContext): Child {
  const options = {
    dbpath: dir,
    port: String(port),
    bind_ip: '127.0.0.1',
    unixSocketPrefix: dir,
    replSet: SET,
    keyFile: keyFile(dir),
    wiredTigerCacheSizeGB: '0.25',
    oplogSize: '256',
  };
  const spec: ChildSpec = {
    command: binary,
    args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    cwd: dir,
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
    user: null,
    orphanSignal: 'SIGTERM',
    ipc: false,
  };
  return new Child(spec, registration, new LogRing());
}

/** False when it exited instead. */
async function whenAnswering(child: Child, port: number, signal: AbortSignal): Promise<boolean> {
  const limit = timeLimit(START_LIMIT_MS, signal);
  while (child.running && !limit.aborted) {
    const hello = withMongo(direct(port), (db) => db.command({ hello: 1 }));
    if (await hello.then(Boolean, () => false)) return true;
    await sleep(POLL_MS);
  }
  if (!child.running) return false;
  await child.stop('SIGKILL', STOP_LIMIT_MS);
  if (signal.aborted) throw new CancelledError(signal.reason);
  throw notStarted(await child.lastWords());
}

/** Makes it a primary with users at the first start; tells it its port at later ones. */
async function openReplicaSet(
  identity: ServerIdentity,
  first: boolean,
  signal: AbortSignal,
): Promise<string> {
  const { port, admin, owner } = identity;
  const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
  const asAdmin = direct(port, admin);
  if (first) {
    const nobody = direct(port);
    await withMongo(nobody, (db) => db.command({ replSetInitiate: { _id: SET, members } }));
    await untilPrimary(nobody, signal);
    // While there is no user, who comes from this machine may make the first one, and no more.
    await withMongo(nobody, (db) => addUser(db, admin, ['root']));
    await withMongo(asAdmin, async (db) => {
      await db.command(FREEZE);
      await addUser(db, owner, OWNER_ROLES);
    });
  } else {
    await withMongo(asAdmin, (db) => nameMembers(db, members));
    await untilPrimary(asAdmin, signal);
  }
  const { version } = await withMongo(asAdmin, (db) => db.command({ buildInfo: 1 }));
  return version;
}

async function addUser(db: Db, { user, password }: Login, roles: string[]): Promise<void> {
  await db.command({ createUser: user, pwd: password, roles });
}

/** A member that finds itself under no name of the set's waits for ever. */
async function nameMembers(db: Db, members: Document[]): Promise<void> {
  const { config } = await db.command({ replSetGetConfig: 1 });
  if (config.members[0].host === members[0]?.host) return;
  const changed = { ...config, version: config.version + 1, members };
  await db.command({ replSetReconfig: changed, force: true });
}

async function untilPrimary(url: string, signal: AbortSignal): Promise<void> {
  const limit = timeLimit(START_LIMIT_MS, signal);
  while (!limit.aborted) {
    const hello = await withMongo(url, (db) => db.command({ hello: 1 }));
    if (hello.isWritablePrimary) return;
    await sleep(POLL_MS);
  }
  if (signal.aborted) throw new CancelledError(signal.reason);
  throw notStarted('It did not become primary.');
}

function direct(port: number, login: Login | null = null): string {
  const who = login ? `${login.user}:${login.password}@` : '';
  return `mongodb://${who}127.0.0.1:${port}/admin?directConnection=true`;
}

function keyFile(dir: string): string {
  return join(dir, 'key');
}

function notStarted(why: string): ExternalError {
  return new ExternalError({
    code: 'server-not-started',
    message: 'The lab’s mongod failed.',
    why,
    next: 'Nothing was kept. Mend what it says and start the lab again.',
  });
}
