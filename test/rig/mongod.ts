import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Document, MongoClient } from 'mongodb';
import { freePort } from '../../src/services/lab/machine/ports.ts';
import { findMongod } from '../../src/services/lab/servers/mongo-binary.ts';
import type { Need } from './needs.ts';
import { until } from './until.ts';

const program = await findMongod();

export const mongod: Need = {
  name: 'mongod',
  missing: program ? null : 'install MongoDB Community Server, or set PORTSYNC_MONGOD to a mongod',
};

export interface Access {
  user?: string;
  password?: string;
  database?: string;
  /** Like `replicaSet=rs0`. */
  query?: string;
}

const PASSWORD = 'super/secret?#1';
const SET = 'rs0';
const LIMIT_MS = 30_000;

/** A mongod on its own, with the user `root`. */
export async function startStandalone(args: string[] = []): Promise<TestMongod> {
  const member = await newMember(['--auth', ...args]);
  await orClose([member], async () => {
    await member.start();
    await member.addRoot();
  });
  return member;
}

/** The members of a set with key and users; the first one is and stays its primary. */
export async function startReplicaSet(size = 1, args: string[] = []): Promise<TestMongod[]> {
  const key = randomBytes(96).toString('base64');
  const members: TestMongod[] = [];
  while (members.length < size) members.push(await newMember(args, key));
  const [first] = members;
  if (!first) throw new Error('A set has at least one member.');
  await orClose(members, async () => {
    await Promise.all(members.map((member) => member.start()));
    await first.initiate(members);
    await first.addRoot();
  });
  return members;
}

async function newMember(args: string[], key?: string): Promise<TestMongod> {
  const dir = await mkdtemp(join(tmpdir(), 'portsync-test-mongod-'));
  await mkdir(join(dir, 'data'));
  const inSet = ['--replSet', SET, '--keyFile', join(dir, 'key')];
  // mongod refuses a key that others may read.
  if (key) await writeFile(join(dir, 'key'), key, { mode: 0o600 });
  return new TestMongod(dir, await freePort(), [...args, ...(key ? inSet : [])]);
}

async function orClose(members: TestMongod[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await Promise.all(members.map((member) => member.close()));
    throw error;
  }
}

/** What is needed of a child process; execa's own type holds every option of the call. */
interface Running extends PromiseLike<unknown> {
  pid?: number;
  kill(signal: NodeJS.Signals): boolean;
}

export class TestMongod {
  readonly dir: string;
  readonly port: number;
  #args: string[];
  #process: Running | null = null;

  constructor(dir: string, port: number, args: string[]) {
    this.dir = dir;
    this.port = port;
    this.#args = args;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  url({ user = 'root', password = PASSWORD, database = 'shop', query = '' }: Access = {}): string {
    const login = `${user}:${encodeURIComponent(password)}`;
    const options = ['authSource=admin', query].filter(Boolean).join('&');
    return `mongodb://${login}@${this.address}/${database}?${options}`;
  }

  async start(): Promise<void> {
    const data = join(this.dir, 'data');
    const where = ['--dbpath', data, '--port', String(this.port), '--bind_ip', '127.0.0.1'];
    const small = ['--unixSocketPrefix', this.dir, '--wiredTigerCacheSizeGB', '0.25'];
    const args = [...where, ...small, ...this.#args];
    const child = execa(program ?? 'mongod', args, { reject: false, all: true });
    this.#process = child;
    const hello = () => this.#asNobody({ hello: 1 }).then(Boolean, () => false);
    const ended = () => child.exitCode !== null || child.signalCode !== null;
    await until(async () => ended() || (await hello()), LIMIT_MS, 'mongod');
    if (ended()) throw new Error((await child).all?.slice(-2000));
  }

  /** `SIGSTOP` makes it hang, `SIGCONT` go on. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#process;
    this.#process = null;
    child?.kill(signal);
    await child;
  }

  /** From then on also with `args`. */
  async restart(args: string[] = []): Promise<void> {
    this.#args = [...this.#args, ...args];
    await this.stop();
    await this.start();
  }

  async initiate(members: TestMongod[]): Promise<void> {
    const config = members.map(({ address }, i) => ({
      _id: i,
      host: address,
      ...(i > 0 && { priority: 0, votes: 0 }),
    }));
    await this.#asNobody({ replSetInitiate: { _id: SET, members: config } });
    await until(async () => (await this.#asNobody({ hello: 1 })).isWritablePrimary, LIMIT_MS);
  }

  /** While there is no user, who comes from this machine may make the first one. */
  async addRoot(): Promise<void> {
    await this.#asNobody({ createUser: 'root', pwd: PASSWORD, roles: ['root'] });
  }

  /** A client for a test, of this member alone. */
  async connect(access: Access = {}): Promise<MongoClient> {
    return connect(this.url({ query: 'directConnection=true', ...access }));
  }

  async run(command: Document, database = 'admin'): Promise<Document> {
    return ask(this.url({ query: 'directConnection=true' }), database, command);
  }

  async close(): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  #asNobody(command: Document): Promise<Document> {
    return ask(`mongodb://${this.address}/?directConnection=true`, 'admin', command);
  }
}

async function ask(url: string, database: string, command: Document): Promise<Document> {
  const client = await connect(url);
  try {
    return await client.db(database).command(command);
  } finally {
    await client.close();
  }
}

function connect(url: string): Promise<MongoClient> {
  return new MongoClient(url, { serverSelectionTimeoutMS: 5000 }).connect();
}
