import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  copiedPositions,
  DatabaseCopy,
  leftOut,
  openSnapshot,
} from '../../src/services/postgres/copy/index.ts';
import { expectSame } from '../rig/compare.ts';
import { copyAll, PUBLICATION } from '../rig/copying.ts';
import { askPostgres, startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { makeDatabase, READER } from '../rig/test-schemas.ts';

const soon = () => AbortSignal.timeout(60_000);

describe('Copying a PostgreSQL where something goes wrong', () => {
  let source: TestPostgres;
  let target: TestPostgres;
  let films: string;
  beforeAll(async () => {
    [source, target] = await Promise.all([startPostgres(), startPostgres()]);
    await target.query(READER);
    films = await makeDatabase(source, 'films', 'rentals');
  });
  afterAll(async () => {
    await source?.close();
    await target?.close();
  });
  afterEach(() =>
    source.query(
      `select pg_terminate_backend(active_pid) from pg_replication_slots where active;
       select pg_sleep(0.2);
       select pg_drop_replication_slot(slot_name) from pg_replication_slots`,
    ),
  );

  it('goes on where a process that was killed had come to', async () => {
    const to = await makeDatabase(target, 'killed', null);
    const slot = "select 1 from pg_replication_slots where slot_name = 'portsync_test'";
    let done = false;
    // Each run lives a little longer than the one before, until one comes to the end.
    for (let lifeMs = 400 + 300 * Math.random(); !done; lifeMs *= 1.3) {
      const first = (await source.query(slot)).length === 0;
      done = await copyInProcess(films, to, first, lifeMs);
    }
    await expectSame(films, to);
    expect((await copiedPositions(to, soon())).size).toBe(21);
  }, 240_000);

  it('keeps the position of each table when a later run copies what is missing', async () => {
    const from = await makeDatabase(source, 'twice', null);
    await askPostgres(
      from,
      'create table good (id int primary key); insert into good select generate_series(1, 5000);' +
        'create table bad (id int primary key); insert into bad values (1)',
    );
    const to = await makeDatabase(target, 'twice', null);
    await expect(stumble(from, to)).rejects.toMatchObject({ code: 'database-error' });
    await askPostgres(to, 'alter table bad drop constraint no');
    await askPostgres(from, 'insert into good values (0); insert into bad values (2)');
    await copyAll({ source: from, target: to, first: false });
    const positions = await copiedPositions(to, soon());
    const [good = '', bad = ''] = ['good', 'bad'].map((t) => positions.get(`["public","${t}"]`));
    const [later] = await askPostgres(to, `select '${bad}'::pg_lsn > '${good}'::pg_lsn as later`);
    expect(later).toEqual({ later: true });
    expect(
      await askPostgres(
        to,
        'select (select count(*)::int from good) as good, (select count(*)::int from bad) as bad',
      ),
    ).toEqual([{ good: 5000, bad: 2 }]);
  });

  it('touches nothing where the target already has a table of that name', async () => {
    const to = await makeDatabase(target, 'taken', null);
    await askPostgres(to, "create table film (mine text); insert into film values ('kept')");
    await expect(copyAll({ source: films, target: to })).rejects.toMatchObject({
      code: 'target-not-empty',
      message: 'The target already has the table public.film.',
    });
    expect(await askPostgres(to, 'select * from film')).toEqual([{ mine: 'kept' }]);
  });

  it('says so when the target goes away in the middle', async () => {
    const other = await startPostgres();
    try {
      const to = await makeDatabase(other, 'gone', null);
      const copying = copyAll({
        ...{ source: films, target: to },
        report: ({ step }) => {
          if (step === 'data') void other.stop('immediate');
        },
      });
      await expect(copying).rejects.toMatchObject({
        code: expect.stringMatching(/database-(connection-lost|refused|starting)/),
      });
    } finally {
      await other.close();
    }
  });

  it('stops at once when it is told to, and leaves no session behind', async () => {
    const to = await makeDatabase(target, 'stopped', null);
    const stop = new AbortController();
    const report = () => setTimeout(() => stop.abort(), 50);
    const copying = copyAll({ source: films, target: to, report, signal: stop.signal });
    await expect(copying).rejects.toMatchObject({ code: 'cancelled' });
    const mine = "select 1 from pg_stat_activity where application_name like 'portsync%'";
    for (let tries = 0; tries < 100 && (await target.query(mine)).length > 0; tries += 1) {
      await sleep(100);
    }
    expect(await target.query(mine)).toEqual([]);
  });

  it('refuses to copy a part of a table that row security hides, and names the reason', async () => {
    const from = await makeDatabase(source, 'hidden', null);
    await askPostgres(
      from,
      `create role mover login replication password 'pw'; grant pg_read_all_data to mover;
       create table t (id int primary key, who name); insert into t values (1, 'other');
       alter table t enable row level security; create policy p on t using (who = current_user)`,
    );
    const as = source.url({ user: 'mover', password: 'pw', database: 'hidden' });
    const to = await makeDatabase(target, 'hidden', null);
    await expect(copyAll({ source: as, target: to })).rejects.toMatchObject({
      why: expect.stringContaining('row-level security'),
    });
  });

  it('needs no superuser at the target, and says what it had to leave out', async () => {
    await target.query("create role owner login createdb createrole replication password 'pw'");
    await target.query('create database cloud owner owner');
    const from = await makeDatabase(source, 'every', 'everything');
    // A superuser's own things, which no managed service lets a customer make.
    await askPostgres(from, 'drop cast (mood as integer); drop operator === (text, text)');
    const to = target.url({ user: 'owner', password: 'pw', database: 'cloud' });
    await copyAll({ source: from, target: to });
    const except =
      /EVENT TRIGGER|FOREIGN|SERVER|DEFAULT ACL|COMMENT (EXTENSION|SCHEMA public)|SCHEMA public/;
    await expectSame(from, target.url({ database: 'cloud' }), { except });
    const objects = (await leftOut(to, soon())).map(({ object }) => object);
    expect(objects).toContain('event trigger watch_ddl');
    expect(objects).toContain('foreign data wrapper elsewhere');
    expect(objects).toContain('default acl audit.DEFAULT PRIVILEGES FOR TABLES');
  });
});

/** Copies until a check that only the target has refuses a table's rows. */
async function stumble(from: string, to: string): Promise<void> {
  const snapshot = await openSnapshot(from, { slot: 'portsync_test', temporary: false }, soon());
  try {
    // One after the other, the larger first.
    const options = { source: from, target: to, publication: PUBLICATION, workers: 1 };
    const copy = new DatabaseCopy(options, () => {});
    await copy.copySchema(snapshot, soon());
    await askPostgres(to, 'alter table bad add constraint no check (false)');
    await copy.copyData(snapshot, soon());
  } finally {
    snapshot.close();
  }
}

/** True when it came to its end before it was killed. */
async function copyInProcess(
  source: string,
  target: string,
  first: boolean,
  lifeMs: number,
): Promise<boolean> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/rig/copy-process.ts'], {
    env: { ...process.env, COPY: JSON.stringify({ source, target, first }) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended]);
  const timer = setTimeout(() => child.kill('SIGKILL'), lifeMs);
  const [code] = await ended;
  clearTimeout(timer);
  return code === 0;
}
