import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { acceptStructure } from '../../src/services/postgres/follow/accept.ts';
import { dropFeed } from '../../src/services/postgres/follow/feed.ts';
import { feedHealth } from '../../src/services/postgres/follow/health.ts';
import { FEED, feedOf, limit, type Pair, startPair } from '../rig/follow-pair.ts';

describe('what ends following PostgreSQL', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair();
  });
  afterAll(() => pair?.close());
  beforeEach(async () => {
    await pair.both(`drop schema public cascade; create schema public; drop schema if exists portsync cascade;
      create table notes (id int primary key, text text unique);
      create table large (id int primary key, text text)`);
    await feedOf(pair);
  });
  afterEach(async () => {
    await pair.stopAll();
    await dropFeed(pair.source.url(), FEED, limit());
  });

  it.each([
    ['a new column', 'alter table notes add column more int default 1', 'notes changed'],
    ['another type', 'alter table notes alter column id type bigint', 'notes changed'],
    ['a new table', 'create table later (id int primary key)', 'later appeared'],
    ['a dropped table', 'drop table notes', 'notes disappeared'],
    ['a new index', 'create index on notes (text desc)', 'notes changed'],
    ['a function', 'create function f() returns int language sql return 1', 'f appeared'],
  ])('is %s at the source', async (_, ddl, why) => {
    const follow = await pair.follow();
    await pair.source.query(ddl);
    await expect(follow.ended).rejects.toMatchObject({ code: 'schema-changed', why: `${why}.` });
    await expect(follow.caughtUp(limit())).rejects.toMatchObject({ code: 'schema-changed' });
  });

  it('is a change of structure also in the middle of the last drain', async () => {
    const follow = await pair.follow();
    await follow.caughtUp(limit());
    await pair.source.query(
      "alter table notes add column more int; insert into notes values (1, 'x', 2)",
    );
    await expect(follow.caughtUp(limit())).rejects.toMatchObject({ code: 'schema-changed' });
    expect(await pair.target.query('table notes')).toEqual([]);
  });

  it('is not a change that was made while nobody followed, once it was accepted', async () => {
    await pair.source.query("insert into notes values (1, 'before')");
    await pair.source.query('alter table notes add column more int');
    await pair.source.query("insert into notes values (2, 'after', 3)");
    await expect(pair.follow()).rejects.toMatchObject({ code: 'schema-changed' });
    await pair.target.query('alter table notes add column more int');
    await acceptStructure(pair.source.url(), FEED, limit());
    const follow = await pair.follow();
    await follow.caughtUp(limit());
    expect(await pair.target.query('table notes')).toEqual(await pair.source.query('table notes'));
    await follow.stop();
    const again = await pair.follow();
    await again.caughtUp(limit());
  });

  it('is not accepted where a table is new', async () => {
    await pair.source.query('create table later (id int primary key)');
    await expect(acceptStructure(pair.source.url(), FEED, limit())).rejects.toMatchObject({
      code: 'schema-changed',
      message: expect.stringContaining('later'),
    });
  });

  it('is somebody’s row that stands in the way', async () => {
    const follow = await pair.follow();
    await pair.target.query("insert into notes values (7, 'taken')");
    await pair.source.query("insert into notes values (8, 'taken')");
    await expect(follow.ended).rejects.toMatchObject({
      code: 'follow-conflict',
      message: expect.stringContaining('notes'),
      why: expect.stringContaining('notes_text_key'),
    });
    await pair.target.query('delete from notes');
    const again = await pair.follow();
    await again.caughtUp(limit());
    expect(await pair.target.query('table notes')).toEqual([{ id: 8, text: 'taken' }]);
  });

  it('is a row that somebody removed', async () => {
    await pair.source.query("insert into notes values (1, 'one')");
    const follow = await pair.follow();
    await follow.caughtUp(limit());
    await pair.target.query('delete from notes');
    await pair.source.query("update notes set text = 'two'");
    await expect(follow.ended).rejects.toMatchObject({ code: 'follow-diverged' });
  });

  it('is more log than may be kept: the disk of the source comes first', async () => {
    const follow = await pair.follow({ keptLimitBytes: 20_000_000 });
    await follow.hold(limit());
    await pair.source.query(
      'insert into notes select i, repeat(md5(i::text), 30) from generate_series(1, 30000) i',
    );
    await expect(follow.ended).rejects.toMatchObject({ code: 'feed-over-budget' });
    expect((await feedHealth(pair.source.url(), FEED, limit())).state).toBe('missing');
  });

  it('is a slot that is gone', async () => {
    const follow = await pair.follow();
    await follow.caughtUp(limit());
    await dropFeed(pair.source.url(), FEED, limit());
    await expect(follow.ended).rejects.toMatchObject({ code: 'feed-lost' });
    await expect(pair.follow()).rejects.toMatchObject({ code: 'feed-lost' });
  });

  it('is not a transaction of any size: it goes through in parts, in little memory', async () => {
    const follow = await pair.follow();
    await follow.caughtUp(limit());
    const before = process.memoryUsage().rss;
    let most = 0;
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss - before);
    }, 20);
    await pair.source.query(
      `begin; insert into large select i, i::text || repeat('x', 1500) from generate_series(1, 120000) i;
       update large set text = text || 'y'; delete from large where id % 3 = 0; commit`,
    );
    await follow.caughtUp(limit());
    clearInterval(timer);
    const sum = 'select count(*)::int as n, sum(hashtext(text)) as sum from large';
    expect(await pair.target.query(sum)).toEqual(await pair.source.query(sum));
    expect(most / 1e6).toBeLessThan(200);
  }, 120_000);
});
