import { accessSync, readdirSync } from 'node:fs';
import { appendFile, chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import pg from 'pg';
import { freePort } from '../../src/services/lab/machine/ports.ts';
import { runAs, type ServerUser, serverUser } from '../../src/services/lab/machine/user.ts';
import { findPostgres, preparePostgres } from '../../src/services/lab/servers/postgres-binaries.ts';

export interface Access {
  user?: string;
  password?: string;
  database?: string;
  /** Like `sslmode=require`. */
  query?: string;
}

interface Options {
  /** Lines of postgresql.conf, over those of the rig. */
  settings?: Record<string, string>;
  /** A directory of PostgreSQL's programs; the npm package's unless told. */
  bin?: string;
  /** Where its directory is made; among the temporary ones unless told. */
  under?: string;
}

/** What is needed of a child process; execa's own type holds every option of the call. */
interface Running extends PromiseLike<unknown> {
  pid?: number;
  kill(signal: NodeJS.Signals): boolean;
}

const PASSWORD = 'super/secret?#1';
const START_LIMIT_MS = 60_000;
const ENV = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' };

/** A PostgreSQL of one test file, with the superuser `postgres`; `close` leaves nothing behind. */
export async function startPostgres({
  settings = {},
  bin,
  under = tmpdir(),
}: Options = {}): Promise<TestPostgres> {
  const user = await serverUser(AbortSignal.timeout(START_LIMIT_MS));
  const dir = await mkdtemp(join(under, 'portsync-test-pg-'));
  await chmod(dir, 0o755);
  try {
    const programs = bin ?? (await npmPrograms(dir, user));
    const server = new TestPostgres(programs, dir, user, await freePort());
    await server.create(settings);
    await server.start();
    return server;
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

/** The servers of other versions on this machine, by their directories of programs. */
export function otherVersions(): string[] {
  const debian = '/usr/lib/postgresql';
  const named = (process.env.PORTSYNC_TEST_POSTGRES ?? '').split(delimiter).filter(Boolean);
  const found = [...named, ...list(debian).map((version) => join(debian, version, 'bin'))];
  return found.filter((dir) => list(dir).includes('postgres'));
}

export class TestPostgres {
  readonly bin: string;
  readonly dir: string;
  readonly port: number;
  readonly #user: ServerUser;
  /** Set where the server takes only encrypted connections. */
  encrypted = false;
  #process: Running | null = null;

  constructor(bin: string, dir: string, user: ServerUser, port: number) {
    this.bin = bin;
    this.dir = dir;
    this.#user = user;
    this.port = port;
  }

  get data(): string {
    return join(this.dir, 'data');
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  url({ user = 'postgres', password = PASSWORD, database = 'postgres', query = '' }: Access = {}) {
    const login = `${user}:${encodeURIComponent(password)}`;
    return `postgres://${login}@127.0.0.1:${this.port}/${database}${query && `?${query}`}`;
  }

  async create(settings: Record<string, string>): Promise<void> {
    await mkdir(this.data, { mode: 0o700 });
    const secret = join(this.dir, 'password');
    await this.write(secret, PASSWORD);
    if (this.#user) await chown(this.data, this.#user.uid, this.#user.gid);
    const args = ['-D', this.data, '-U', 'postgres', '--pwfile', secret, '-A', 'scram-sha-256'];
    args.push('-E', 'UTF8', '--locale', 'C', '--no-sync');
    await execa(join(this.bin, 'initdb'), args, this.asServer);
    await rm(secret);
    await this.set({
      listen_addresses: '127.0.0.1',
      port: String(this.port),
      unix_socket_directories: this.data,
      wal_level: 'logical',
      fsync: 'off',
      dynamic_shared_memory_type: 'mmap',
      ...settings,
    });
  }

  /** Takes effect at the next start. */
  async set(settings: Record<string, string>): Promise<void> {
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
    await appendFile(join(this.data, 'postgresql.conf'), lines.join(''));
  }

  /** A file that only the server may read. */
  async write(path: string, text: string): Promise<void> {
    await writeFile(path, text, { mode: 0o600 });
    if (this.#user) await chown(path, this.#user.uid, this.#user.gid);
  }

  launch() {
    return execa(join(this.bin, 'postgres'), ['-D', this.data], {
      ...this.asServer,
      reject: false,
      all: true,
      maxBuffer: 100_000_000,
      killSignal: 'SIGQUIT',
    });
  }

  async start(): Promise<void> {
    const child = this.launch();
    this.#process = child;
    const deadline = Date.now() + START_LIMIT_MS;
    while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
      if (await this.query('select 1').then(Boolean, () => false)) return;
      await sleep(50);
    }
    child.kill('SIGKILL');
    throw new Error(`PostgreSQL did not start: ${(await child).all}`);
  }

  /** Another server that follows this one, begun as a copy of its files; this one restarts for it. */
  async startReplica(): Promise<TestPostgres> {
    const dir = await mkdtemp(join(tmpdir(), 'portsync-test-pg-'));
    const replica = new TestPostgres(this.bin, dir, this.#user, await freePort());
    if (this.#user) await chown(dir, this.#user.uid, this.#user.gid);
    await this.stop();
    await execa('cp', ['-a', this.data, replica.data]);
    await this.start();
    await replica.set({
      port: String(replica.port),
      unix_socket_directories: replica.data,
      primary_conninfo: `host=127.0.0.1 port=${this.port} user=postgres password=${PASSWORD} application_name=second`,
    });
    await replica.write(join(replica.data, 'standby.signal'), '');
    await replica.start();
    return replica;
  }

  /** `fast` ends every session, `immediate` is a crash. */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    const child = this.#process;
    this.#process = null;
    child?.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await child;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** A session for a test; when the server ends it, nobody is told. */
  connect(access: Access = {}): Promise<pg.Client> {
    return connect(this.#own(access));
  }

  query(sql: string, access: Access = {}): Promise<Array<Record<string, unknown>>> {
    return askPostgres(this.#own(access), sql);
  }

  async close(): Promise<void> {
    await this.stop('immediate');
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  #own(access: Access): string {
    return this.url(this.encrypted ? { query: 'sslmode=no-verify', ...access } : access);
  }

  /** Runs a program as who the server runs as. */
  get asServer() {
    return { ...runAs(this.#user), cwd: this.data, env: ENV, extendEnv: false } as const;
  }
}

/** The rows of `sql`, over a connection of its own. */
export async function askPostgres(url: string, sql: string): Promise<pg.QueryResult['rows']> {
  const client = await connect(url);
  try {
    const result: unknown = await client.query(sql);
    return Array.isArray(result) ? [] : (result as pg.QueryResult).rows;
  } finally {
    await client.end();
  }
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function npmPrograms(dir: string, user: ServerUser): Promise<string> {
  const found = await findPostgres();
  if (!found) throw new Error('The npm package of PostgreSQL’s binaries is not installed.');
  return preparePostgres(found, join(dir, 'package'), user, AbortSignal.timeout(START_LIMIT_MS));
}

function list(dir: string): string[] {
  try {
    accessSync(dir);
    return readdirSync(dir);
  } catch {
    return [];
  }
}
