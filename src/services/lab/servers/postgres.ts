import { randomBytes } from 'node:crypto';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { CancelledError, ExternalError } from '../../../errors.ts';
import { timeLimit } from '../../../limit.ts';
import { Child, type ChildSpec } from '../machine/child.ts';
import { LogRing } from '../machine/log-ring.ts';
import { freePort } from '../machine/ports.ts';
import { fill, urlOf, withPostgres } from './postgres-setup.ts';
import type { DatabaseServer, ServerContext, ServerIdentity, ServerKind } from './server.ts';

const INITDB_LIMIT_MS = 60_000;
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 5_000;
const TRIES = 3;
const POLL_MS = 30;

const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  wal_level: 'logical',
  max_replication_slots: '10',
  max_wal_senders: '10',
  // In the data directory, so that a killed server leaves nothing elsewhere.
  dynamic_shared_memory_type: 'mmap',
  log_timezone: 'UTC',
};

export const postgres: ServerKind = { create, start, stop, fill };

async function create(
  dir: string,
  { admin }: ServerIdentity,
  context: ServerContext,
): Promise<void> {
  await mkdir(dir, { mode: 0o700 });
  if (context.user) await chown(dir, context.user.uid, context.user.gid);
  const passwordFile = join(context.runtime, `password-${randomBytes(6).toString('hex')}`);
  const args = ['-D', dir, '-U', admin.user, '--pwfile', passwordFile, '-A', 'scram-sha-256'];
  args.push('-E', 'UTF8', '--locale', 'C', '--no-sync', '--no-instructions');
  try {
    await writeFile(passwordFile, admin.password, { mode: 0o600, flag: 'wx' });
    if (context.user) await chown(passwordFile, context.user.uid, context.user.gid);
    await runInitdb(args, dir, context);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function runInitdb(args: string[], dir: string, context: ServerContext): Promise<void> {
  const child = run('initdb', args, dir, context);
  const limit = timeLimit(INITDB_LIMIT_MS, context.signal);
  const stop = () => void child.stop('SIGTERM', STOP_LIMIT_MS);
  limit.addEventListener('abort', stop, { once: true });
  if (limit.aborted) stop();
  const code = await child.exited;
  limit.removeEventListener('abort', stop);
  if (context.signal.aborted) throw new CancelledError(context.signal.reason);
  if (code !== 0) throw notStarted('initdb', await child.lastWords());
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
    const version = await whenReady(child, identity, context.signal);
    if (version !== null) return running(child, identity, version);
    const words = await child.lastWords();
    if (tries === TRIES || !/could not bind/.test(words)) throw notStarted('postgres', words);
    port = await freePort();
  }
}

/** Immediately when its data is thrown away; otherwise it writes back what it has. */
async function stop(server: DatabaseServer, temporary: boolean): Promise<void> {
  await server.child.stop(temporary ? 'SIGQUIT' : 'SIGINT', START_LIMIT_MS);
}

function running(child: Child, identity: ServerIdentity, version: string): DatabaseServer {
  const { admin, owner, database } = identity;
  const url = urlOf(identity, owner, database);
  const adminUrl = urlOf(identity, admin, database);
  return { kind: 'postgres', product: `PostgreSQL ${version}`, child, url, adminUrl, identity };
}

function launch(dir: string, port: number, context: ServerContext): Child {
  const settings = Object.entries({ ...SETTINGS, port: String(port) });
  const args = settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return run('postgres', ['-D', dir, ...args], dir, context);
}

function run(program: string, args: string[], dir: string, context: ServerContext): Child {
  const spec: ChildSpec = {
    command: join(context.binary, program),
    args,
    cwd: dir,
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
    user: context.user,
    orphanSignal: 'SIGQUIT',
    ipc: false,
  };
  return new Child(spec, context.registration, new LogRing());
}

/** The server's version once it answers; null when it exited instead. */
async function whenReady(
  child: Child,
  identity: ServerIdentity,
  signal: AbortSignal,
): Promise<string | null> {
  const limit = timeLimit(START_LIMIT_MS, signal);
  let last: unknown;
  while (child.running && !limit.aborted) {
    try {
      return await withPostgres(urlOf(identity, identity.admin, 'postgres'), versionOf);
    } catch (error) {
      last = error;
      await sleep(POLL_MS);
    }
  }
  if (!child.running) return null;
  await child.stop('SIGQUIT', STOP_LIMIT_MS);
  if (signal.aborted) throw new CancelledError(signal.reason);
  throw notStarted('postgres', String(last), last);
}

async function versionOf(client: Client): Promise<string> {
  const { rows } = await client.query('show server_version');
  return rows[0].server_version.split(' ')[0];
}

function notStarted(program: string, why: string, cause?: unknown): ExternalError {
  return new ExternalError({
    code: 'server-not-started',
    message: `The lab's ${program} failed.`,
    why,
    next: 'Nothing was kept. Mend what it says and start the lab again.',
    cause,
  });
}
