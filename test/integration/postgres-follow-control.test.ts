import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PostgresConnection, withConnection } from '../../src/services/postgres/connection.ts';
import { dropFeed, dropSlot } from '../../src/services/postgres/follow/feed.ts';
import { feedHealth } from '../../src/services/postgres/follow/health.ts';
import { FEED, feedOf, limit, type Pair, startPair } from '../rig/follow-pair.ts';
import { until } from '../rig/until.ts';

describe('steering what follows PostgreSQL', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair();
  });
  afterAll(() => pair?.close());
  beforeEach(async () => {
    await pair.both(`drop schema public cascade; create schema public; drop schema if exists portsync cascade;
      create table notes (id int primary key, text text);
      create table tags (a int, b text, primary key (b, a));
      create table log (line text)`);
    await feedOf(pair);
  });
  afterEach(async () => {
    await pair.stopAll();
    await dropFeed(pair.source.url(), FEED, limit());
  });

  it('says when all is there although every table is locked against writing', async () => {
    const follow = await pair.follow();
    await pair.source.query("insert into notes values (1, 'one')");
    const freeze = await pair.source.connect();
    await freeze.query('begin; lock table notes, tags, log in exclusive mode');
    await follow.caughtUp(limit());
    expect(await pair.target.query('table notes')).toEqual([{ id: 1, text: 'one' }]);
    await freeze.end();
  });

  it('stops exactly at the snapshot that it is asked to stop at', async () => {
    const follow = await pair.follow();
    const [writer, reader] = [await pair.source.connect(), await pair.source.connect()];
    let running = true;
    const writing = (async () => {
      for (let i = 0; running; i += 1) await writer.query('insert into notes values ($1)', [i]);
    })();
    await until(async () => (await pair.target.query('select 1 from notes')).length > 20);
    for (let round = 0; round < 3; round += 1) {
      await follow.hold(limit());
      const slot = "pg_create_logical_replication_slot('moment', 'pgoutput', true)";
      const { rows } = await reader
        .query(`begin isolation level repeatable read; select lsn from ${slot}`)
        .then(
          (results) =>
            (results as unknown as Array<{ rows: Array<{ lsn: string }> }>)[1] ?? { rows: [] },
        );
      const lsn = rows[0]?.lsn ?? '';
      await reader.query("commit; select pg_drop_replication_slot('moment')");
      await follow.settleAt(lsn, limit());
      const there = await pair.target.query(
        'select max(id)::int as id, count(*)::int as n from notes',
      );
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(
        await pair.target.query('select max(id)::int as id, count(*)::int as n from notes'),
      ).toEqual(there);
      expect(there[0]?.n).toBe(Number(there[0]?.id) + 1);
      const before = `select count(*)::int as n from notes where id <= ${there[0]?.id}`;
      expect((await pair.source.query(before))[0]?.n).toBe(there[0]?.n);
      follow.resume();
    }
    running = false;
    await writing;
    await follow.caughtUp(limit());
    const all = 'select count(*)::int as n from notes';
    expect(await pair.target.query(all)).toEqual(await pair.source.query(all));
    await Promise.all([writer.end(), reader.end()]);
  });

  it('tells which rows were touched, and how many there are more', async () => {
    await pair.source.query(
      "insert into notes select i, 'x' from generate_series(1, 9) i; insert into log values ('a')",
    );
    const follow = await pair.follow();
    await follow.caughtUp(limit());
    follow.resetTouched();
    await pair.source.query(
      `delete from notes where id < 3; update notes set id = 50 where id = 4; insert into tags values (7, 'sev,"en');
       insert into log values ('b'); delete from log where line = 'a'; insert into notes values (60, ''); delete from notes where id = 60`,
    );
    await follow.caughtUp(limit());
    const touched = new Map(follow.touched().map((table) => [table.name.name, table]));
    expect(touched.get('notes')).toMatchObject({ keyColumns: ['id'], rows: -2, truncated: false });
    expect(touched.get('notes')?.keys?.flat().sort()).toEqual(['1', '2', '4', '50', '60']);
    expect(touched.get('tags')).toMatchObject({
      keyColumns: ['a', 'b'],
      keys: [['7', 'sev,"en']],
      rows: 1,
    });
    expect(touched.get('log')).toMatchObject({ keyColumns: [], keys: null, rows: 0 });
    await pair.source.query("truncate notes; insert into notes values (1, '')");
    await follow.caughtUp(limit());
    expect(follow.touched().find(({ name }) => name.name === 'notes')).toMatchObject({
      truncated: true,
    });
  });

  it('leaves out what the copy of a table has already', async () => {
    await pair.source.query(
      "insert into notes values (1, 'copied'); insert into tags values (1, 'missing')",
    );
    const [row] = await pair.source.query('select pg_current_wal_insert_lsn()::text as lsn');
    await pair.target.query("insert into notes values (1, 'copied')");
    const starts = new Map([[JSON.stringify(['public', 'notes']), String(row?.lsn)]]);
    const follow = await pair.follow({ starts });
    await pair.source.query("update notes set text = 'followed'");
    await follow.caughtUp(limit());
    expect(await pair.target.query('table notes')).toEqual([{ id: 1, text: 'followed' }]);
    expect(await pair.target.query('table tags')).toEqual([{ a: 1, b: 'missing' }]);
  });

  it('measures how far behind it is', async () => {
    await pair.follow();
    await until(() => pair.progress?.lagMs !== null && pair.progress?.behindBytes !== null);
    await pair.source.query("insert into notes select i, 'x' from generate_series(1, 50) i");
    await until(() => pair.progress?.changes === 50);
    expect(pair.progress).toMatchObject({ waiting: null });
  });

  it('keeps a table without a key writable, and leaves it as it was', async () => {
    await pair.source.query("insert into log values ('a'), ('a'), ('b')");
    const follow = await pair.follow();
    await pair.source.query("update log set line = 'c' where ctid = (select min(ctid) from log)");
    await follow.caughtUp(limit());
    expect(await pair.target.query('table log order by 1')).toEqual([
      { line: 'a' },
      { line: 'b' },
      { line: 'c' },
    ]);
    await follow.stop();
    await dropFeed(pair.source.url(), FEED, limit());
    await dropFeed(pair.source.url(), FEED, limit());
    const left = await pair.source.query(
      `select (select relreplident from pg_class where relname = 'log') as identity,
        (select count(*)::int from pg_publication) + (select count(*)::int from pg_replication_slots) as left`,
    );
    expect(left).toEqual([{ identity: 'd', left: 0 }]);
  });

  it('goes the other way afterwards, and nothing comes round', async () => {
    const forward = await pair.follow();
    await pair.source.query("insert into notes values (1, 'old')");
    await forward.caughtUp(limit());
    await forward.stop();
    const close = (connection: PostgresConnection) => dropSlot(connection, FEED, limit());
    await withConnection(pair.source.url(), limit(), close);
    const back = await pair.followBack();
    await pair.target.query(
      "insert into notes values (2, 'new'); update notes set text = 'both' where id = 1",
    );
    await back.caughtUp(limit());
    await back.caughtUp(limit());
    const rows = [
      { id: 1, text: 'both' },
      { id: 2, text: 'new' },
    ];
    expect(await pair.source.query('table notes order by id')).toEqual(rows);
    expect(await pair.target.query('table notes order by id')).toEqual(rows);
    await back.stop();
    // Once more forwards, by the publication that is still there, with a slot of its own.
    await feedOf(pair);
    const again = await pair.follow();
    await pair.source.query("insert into notes values (3, 'again')");
    await again.caughtUp(limit());
    await again.stop();
    expect(await pair.target.query('select count(*)::int as n from notes')).toEqual([{ n: 3 }]);
    await dropFeed(pair.target.url(), FEED, limit());
    expect((await feedHealth(pair.target.url(), FEED, limit())).state).toBe('missing');
  });
});
