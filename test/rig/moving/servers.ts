import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Side } from '../../../src/model/migration.ts';
import { openBank } from '../bank.ts';
import { type CutProxy, cutProxy } from '../cut-proxy.ts';
import type { Need } from '../needs.ts';
import { startPostgres, type TestPostgres } from '../postgres.ts';
import { until } from '../until.ts';

/** A disk that is small enough to be filled. */
export const smallDiskNeed: Need = {
  name: 'a disk of its own',
  missing:
    process.platform === 'linux' && process.getuid?.() === 0
      ? null
      : 'run the tests as root on Linux',
};

/** Big enough that a fault meets the copy; `backlog` is what the following is kept busy with. */
const SEED = `
create table padding (id bigint primary key, text text not null);
insert into padding select n, repeat(md5(n::text), 5) from generate_series(1, 250000) n;
create table backlog (id bigserial primary key, text text not null)`;

export const MOVER = { user: 'mover', password: 'moves' };

/** Two servers with a database for each story, and a way to each that only PortSync takes. */
export class MovingServers {
  readonly source: TestPostgres;
  readonly target: TestPostgres;
  readonly ways: Readonly<Record<Side, CutProxy>>;
  readonly #disk: string;
  #stories = 0;

  private constructor(
    pair: Record<Side, TestPostgres>,
    ways: Record<Side, CutProxy>,
    disk: string,
  ) {
    this.source = pair.source;
    this.target = pair.target;
    this.ways = ways;
    this.#disk = disk;
  }

  static async start(): Promise<MovingServers> {
    const disk = await smallDisk();
    const [source, target] = await Promise.all([startPostgres(), startPostgres({ under: disk })]);
    for (const server of [source, target]) {
      await server.query(`create role ${MOVER.user} superuser login password '${MOVER.password}'`);
    }
    await source.query('create database seed');
    const seed = { database: 'seed' };
    await openBank(source.url(seed));
    await source.query(SEED, seed);
    const ways = { source: await cutProxy(source.port), target: await cutProxy(target.port) };
    return new MovingServers({ source, target }, ways, disk);
  }

  /** The name of a database that the source has and that is empty at the target. */
  async database(): Promise<string> {
    this.#stories += 1;
    const name = `story${this.#stories}`;
    await this.source.query(`create database ${name} template seed`);
    await this.target.query(`create database ${name}`);
    return name;
  }

  async drop(name: string): Promise<void> {
    for (const server of [this.source, this.target]) {
      const drop = () => server.query(`drop database if exists ${name} with (force)`);
      // Who read a slot and was killed is at it for another moment.
      await until(() => drop().then(Boolean, () => false), 30_000, `${name} is dropped`);
    }
  }

  /** As PortSync reaches it. */
  wayTo(side: Side, database: string): string {
    const url = new URL(this[side].url({ ...MOVER, database }));
    url.port = String(this.ways[side].port);
    return url.href;
  }

  /** Leaves nothing free on the target's disk; answers how that ends. */
  async fillDisk(): Promise<() => Promise<void>> {
    const ballast = join(this.#disk, 'ballast');
    await execa('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M'], { reject: false });
    return async () => {
      await rm(ballast);
      const up = () => this.target.query('select 1').then(Boolean, () => false);
      // A server that could not write its log has ended itself.
      await until(up, 5_000, 'the target goes on').catch(() => restart(this.target, 'immediate'));
    };
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.ways).map((way) => way.close()));
    await Promise.all([this.source.close(), this.target.close()]);
    await execa('umount', [this.#disk]);
    await rm(this.#disk, { recursive: true });
  }
}

export async function restart(server: TestPostgres, mode: 'fast' | 'immediate'): Promise<void> {
  await server.stop(mode);
  await server.start();
}

async function smallDisk(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'portsync-test-disk-'));
  await execa('mount', ['-t', 'tmpfs', '-o', 'size=900m,mode=755', 'tmpfs', dir]);
  return dir;
}

/** A project whose .env names the database that is to move. */
export async function makeProject(url: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'portsync-test-moving-'));
  await writeFile(join(dir, '.env'), `DATABASE_URL=${url}\n`, { mode: 0o600 });
  return dir;
}
