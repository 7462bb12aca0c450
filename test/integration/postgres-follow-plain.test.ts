import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withConnection } from '../../src/services/postgres/connection.ts';
import { wakeTriggers } from '../../src/services/postgres/follow/triggers.ts';
import { feedOf, limit, type Pair, startPair } from '../rig/follow-pair.ts';

const SCHEMA = `
create table trail (id bigint generated always as identity primary key, line text);
create table parent (id int primary key, name text unique);
create table child (id int primary key, parent int not null references parent on delete cascade);
create table tree (id int primary key, above int references tree);
create function note() returns trigger language plpgsql as
  $$ begin insert into public.trail (line) values (tg_op || ' ' || new.name); return new; end $$;
create trigger note after insert or update on parent for each row execute function note()`;

describe('following to a server where the role may not silence triggers and foreign keys', () => {
  let pair: Pair;
  const mover = { user: 'mover', password: 'pw' };
  beforeAll(async () => {
    pair = await startPair();
    await pair.source.query(SCHEMA);
    await pair.target.query(
      "create role mover login password 'pw'; grant create on database postgres to mover; grant all on schema public to mover",
    );
    await pair.target.query(SCHEMA, mover);
    await feedOf(pair);
  });
  afterAll(() => pair?.close());

  const contents = `select (select json_agg(t order by id) from trail t) as trail, (select json_agg(t order by id) from parent t) as parent,
    (select json_agg(t order by id) from child t) as child, (select json_agg(t order by id) from tree t) as tree`;

  it('writes what the source wrote, and nothing besides, in an order that foreign keys allow', async () => {
    const follow = await pair.follow({ to: pair.target.url(mover) });
    await follow.hold(limit());
    for (const sql of [
      "insert into parent values (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')",
      'insert into child select i, 1 + i % 4 from generate_series(1, 20) i',
      'insert into tree values (1, 2), (2, null), (3, 1)',
      "update parent set name = 'x' where id = 2",
      'update child set parent = 1 where parent = 3',
      'delete from parent where id = 3',
      'delete from parent where id = 4',
      "delete from parent where id = 2; insert into parent values (2, 'b again'); insert into child values (100, 2)",
      'update parent set id = 9 where id = 9; delete from tree where id = 3',
    ]) {
      await pair.source.query(sql);
    }
    follow.resume();
    await follow.caughtUp(limit());
    await pair.source.query(
      "insert into parent values (20, 'late'); insert into child values (200, 20)",
    );
    await follow.caughtUp(limit());
    await follow.stop();
    expect(await pair.target.query(contents)).toEqual(await pair.source.query(contents));
  });

  it('wakes the triggers again for the app', async () => {
    await withConnection(pair.target.url(mover), limit(), async (connection) => {
      await wakeTriggers(connection, limit());
      await wakeTriggers(connection, limit());
    });
    await pair.target.query("select setval('trail_id_seq', 1000)");
    await pair.target.query("insert into parent values (50, 'new')", mover);
    const rows = await pair.target.query("select line from trail where line like '%new'");
    expect(rows).toEqual([{ line: 'INSERT new' }]);
  });
});
