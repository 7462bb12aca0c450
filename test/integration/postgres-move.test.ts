import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresMover } from '../../src/services/postgres/move/mover.ts';
import { auditBank, BankWriter, openBank } from '../rig/bank.ts';
import { askPostgres, startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { until } from '../rig/until.ts';

const soon = () => AbortSignal.timeout(60_000);

let source: TestPostgres;
let target: TestPostgres;
beforeAll(async () => {
  [source, target] = await Promise.all([startPostgres(), startPostgres()]);
});
afterAll(async () => {
  await Promise.all([source?.close(), target?.close()]);
});

describe('a database that is written to all the time', () => {
  it('moves there and back, with every acknowledged write exactly once', async () => {
    const urls = { source: source.url(), target: target.url() };
    await openBank(urls.source);
    const writers = [1, 2, 3].map((n) =>
      new BankWriter(`writer ${n}`, [urls.source, urls.target]).start(),
    );
    const mover = new PostgresMover(urls, 'test1');
    try {
      await mover.copy(() => {}, soon());
      await mover.fence('target', soon());
      for (const [from, to] of [
        ['source', 'target'],
        ['target', 'source'],
      ] as const) {
        const following = await mover.follow(from, () => {}, soon());
        await following.caughtUp(soon());
        await following.prepareProof(soon());
        const freeze = await mover.freeze(from, soon());
        await following.caughtUp(soon());
        await freeze.carryCounters(soon());
        const proof = await following.quickProof(soon());
        expect(proof).toMatchObject({ equal: true, differences: [] });
        await mover.keepChanges(to, soon());
        await freeze.seal(soon());
        await mover.unfence(to, soon());
        const before = writers.map(({ acknowledged }) => acknowledged);
        const goOn = () => writers.every((each, at) => each.acknowledged > (before[at] ?? 0) + 20);
        await until(goOn, 20_000, 'the writers go on at the other side');
        await following.stop();
      }
    } finally {
      await Promise.all(writers.map((writer) => writer.stop()));
      await mover.close();
    }
    const wrong = await Promise.all(writers.map((writer) => writer.check(urls.source)));
    expect([...wrong.flat(), ...(await auditBank(urls.source))]).toEqual([]);
    await mover.cleanup({ keepFence: 'target', dropCopy: false }, soon());
    const refused = askPostgres(urls.target, 'delete from bank_entries');
    await expect(refused).rejects.toMatchObject({ code: '25006' });
    await askPostgres(urls.source, 'delete from bank_entries where n < 0');
  });
});

describe('a copy that is done', () => {
  it('is there when the target crashes in the next moment', async () => {
    const slow = await startPostgres({ settings: { wal_writer_delay: '10s' } });
    try {
      await source.query('create database crashed');
      const urls = { source: source.url({ database: 'crashed' }), target: slow.url() };
      await openBank(urls.source);
      const mover = new PostgresMover(urls, 'test3');
      await mover.copy(() => {}, soon());
      await mover.close();
      await slow.stop('immediate');
      await slow.start();
      expect(await auditBank(urls.target)).toEqual([]);
      await mover.cleanup({ keepFence: null, dropCopy: false }, soon());
    } finally {
      await slow.close();
    }
  });
});

describe('a move that is given up', () => {
  it('takes along what it brought, and leaves what was there', async () => {
    const urls = {
      source: source.url({ database: 'given_up' }),
      target: target.url({ database: 'given_up' }),
    };
    await source.query('create database given_up');
    await target.query('create database given_up');
    await openBank(urls.source);
    await askPostgres(
      urls.source,
      `create schema shop; create type shop.mood as enum ('good', 'bad');
       create domain shop.percent as int check (value between 0 and 100);
       create table shop.tills (mood shop.mood, share shop.percent);
       create view shop.good as select * from shop.tills where mood = 'good';
       create function shop.one() returns int language sql as 'select 1';
       select lo_from_bytea(0, 'a large object');`,
    );
    await askPostgres(urls.target, 'create schema theirs; create type theirs.kind as (a int)');
    const mover = new PostgresMover(urls, 'test2');
    await mover.copy(() => {}, soon());
    await mover.cleanup({ keepFence: null, dropCopy: true }, soon());
    await mover.close();
    expect(await mover.leftovers(soon())).toEqual([]);
    const objects = `select (select string_agg(nspname, ' ' order by 1) from pg_namespace
        where nspname !~ '^pg_|information_schema') as schemas,
      (select count(*)::int from pg_class where relnamespace = 'public'::regnamespace) as relations,
      (select count(*)::int from pg_largeobject_metadata) as large`;
    expect(await askPostgres(urls.target, objects)).toEqual([
      { schemas: 'public theirs', relations: 0, large: 0 },
    ]);
  });
});
