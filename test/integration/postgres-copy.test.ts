import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CopyProgress } from '../../src/model/migration.ts';
import { copiedPositions, leftOut } from '../../src/services/postgres/copy/index.ts';
import { expectSame } from '../rig/compare.ts';
import { copyAll } from '../rig/copying.ts';
import { askPostgres, startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { makeDatabase, READER } from '../rig/test-schemas.ts';

const soon = () => AbortSignal.timeout(30_000);

describe('Copying a live PostgreSQL', () => {
  let source: TestPostgres;
  let target: TestPostgres;
  beforeAll(async () => {
    [source, target] = await Promise.all([startPostgres(), startPostgres()]);
    await target.query(READER);
  });
  afterAll(async () => {
    await source?.close();
    await target?.close();
  });
  const dropSlot = () => source.query("select pg_drop_replication_slot('portsync_test')");

  it('brings every kind of object and every value over as they were', async () => {
    const from = await makeDatabase(source, 'every', 'everything');
    const to = await makeDatabase(target, 'every', null);
    await copyAll({ source: from, target: to });
    await dropSlot();
    await expectSame(from, to);
    const notes = await leftOut(to, soon());
    expect(notes.map(({ object }) => object)).toEqual([
      'large objects',
      'foreign table outside',
      'unlogged table scratch',
    ]);
  });

  it('copies a shop of films with its partitions, and one of music with its mixed case', async () => {
    for (const name of ['rentals', 'music'] as const) {
      const from = await makeDatabase(source, name, name);
      const to = await makeDatabase(target, name, null);
      await copyAll({ source: from, target: to });
      await dropSlot();
      await expectSame(from, to);
      expect(await leftOut(to, soon())).toEqual([]);
    }
  });

  it('gives partitions the foreign keys that they had, by the same names', async () => {
    const from = await makeDatabase(source, 'tied', null);
    const key = `foreign key (a, b) references "To" on delete cascade deferrable`;
    await askPostgres(
      from,
      `create table "To" (a int, b int, primary key (a, b));
       create table whole (id int, at int, b int, a int) partition by range (at);
       create table low partition of whole for values from (0) to (10) partition by list (b);
       create table low_1 partition of low for values in (1);
       create table low_rest partition of low default;
       create table taken partition of whole default;
       alter table taken add constraint "Tie" check (id > 0);
       alter table whole add constraint "Tie" ${key};
       comment on constraint "Tie" on whole is 'of all';
       create table high (a int, gone int, id int, b int, at int, constraint own ${key});
       alter table high drop column gone;
       alter table whole attach partition high for values from (10) to (20);
       insert into "To" select n, n % 3 from generate_series(0, 29) n;
       insert into whole (id, at, a, b) select 1 + n, n, n, n % 3 from generate_series(0, 29) n`,
    );
    const to = await makeDatabase(target, 'tied', null);
    await copyAll({ source: from, target: to });
    await dropSlot();
    await expectSame(from, to);
    const keys = `select c.conrelid::regclass::text as of, c.conname, c.convalidated, c.conislocal,
        c.coninhcount, p.conrelid::regclass::text as part_of, pg_get_constraintdef(c.oid) as is
      from pg_constraint c left join pg_constraint p on p.oid = c.conparentid
      where c.contype = 'f' order by 1, 2`;
    expect(await askPostgres(to, keys)).toEqual(await askPostgres(from, keys));
    const known = `select distinct tablename || case when inherited then '*' else '' end as known
      from pg_stats where schemaname = 'public' order by 1`;
    expect((await askPostgres(to, known)).map((row) => row.known)).toEqual([
      'To',
      'high',
      'low*',
      'low_1',
      'low_rest',
      'taken',
      'whole*',
    ]);
    expect(await leftOut(to, soon())).toEqual([]);
  });

  it('tells how far it is, table by table, until all of it is done', async () => {
    const from = source.url({ database: 'music' });
    const to = await makeDatabase(target, 'told', null);
    const told: CopyProgress[] = [];
    await copyAll({ source: from, target: to, report: (progress) => told.push(progress) });
    await dropSlot();
    const last = told.at(-1);
    expect(last).toMatchObject({ step: 'done' });
    expect(last?.bytes).toBe(last?.totalBytes);
    const track = last?.objects.find(({ name }) => name === 'Track');
    expect(track).toMatchObject({ state: 'done', rows: 3503 });
    expect(new Set(told.map(({ step }) => step))).toEqual(
      new Set(['schema', 'data', 'keys', 'rest', 'statistics', 'done']),
    );
  });

  it('copies hundreds of tables', async () => {
    const from = await makeDatabase(source, 'many', null);
    await askPostgres(
      from,
      `do $$ begin for n in 1..400 loop
         execute format('create table t%s (id serial primary key, up integer references t%s, v text unique)',
           n, greatest(n - 1, 1));
         execute format('insert into t%s (v) select g::text from generate_series(1, %s) g', n, n);
       end loop; end $$`,
    );
    const to = await makeDatabase(target, 'many', null);
    await copyAll({ source: from, target: to });
    await dropSlot();
    await expectSame(from, to);
  });

  it('takes one moment of the source, however much is written meanwhile', async () => {
    const from = await makeDatabase(source, 'busy', null);
    await askPostgres(
      from,
      `create table pairs (id integer primary key, a integer, b integer, filler text);
       create table totals (sum bigint);
       insert into pairs select n, 1, -1, repeat(md5(n::text), 30) from generate_series(1, 20000) n;
       insert into totals values (0)`,
    );
    const to = await makeDatabase(target, 'busy', null);
    const stop = new AbortController();
    const writing = write(from, stop.signal);
    await copyAll({ source: from, target: to });
    stop.abort();
    expect(await writing).toBeGreaterThan(0);
    await dropSlot();
    const [row] = await askPostgres(
      to,
      'select sum(a) + sum(b) as sum, count(*)::int as n, (select sum from totals)::int - sum(a)::int as diff from pairs',
    );
    expect(row).toMatchObject({ sum: '0', n: 20000, diff: -20000 });
    const positions = await copiedPositions(to, soon());
    expect(new Set(positions.values()).size).toBe(1);
  });
});

/** Moves amounts about; every transaction keeps the sums. Gives how many there were. */
async function write(url: string, signal: AbortSignal): Promise<number> {
  for (let n = 0; ; n += 1) {
    if (signal.aborted) return n;
    const id = 1 + ((n * 7919) % 20000);
    await askPostgres(
      url,
      `begin; update pairs set a = a + 1, b = b - 1 where id = ${id}; update totals set sum = sum + 1; commit`,
    );
    await sleep(2);
  }
}
