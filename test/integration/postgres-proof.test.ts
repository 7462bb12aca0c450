import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CancelledError } from '../../src/errors.ts';
import type { Proof } from '../../src/model/migration.ts';
import type { TouchedTable } from '../../src/services/postgres/follow/touched.ts';
import type { SettlingFollower } from '../../src/services/postgres/proof/follower.ts';
import { Prover } from '../../src/services/postgres/proof/prover.ts';
import { until } from '../rig/until.ts';
import { startPair } from '../rig/versions.ts';

const signal = new AbortController().signal;

/** Both databases rest, so everything is applied always. */
class AtRest implements SettlingFollower {
  changes: TouchedTable[] = [];
  held = 0;
  async hold() {
    this.held += 1;
  }
  async settleAt(lsn: string) {
    expect(this.held).toBe(1);
    expect(lsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
  }
  resume() {
    this.held = 0;
  }
  touched() {
    return this.changes;
  }
  resetTouched() {
    expect(this.held).toBe(1);
    this.changes = [];
  }
}

const TYPES = `
  create type mood as enum ('sad', 'ok');
  create type point3 as (x float8, label text);
  create domain positive as int check (value > 0);
  create schema other;
  create table every (
    id int primary key, small smallint, big bigint, num numeric, num2 numeric(10, 2), f4 real, f8 float8,
    cash money, flag boolean, c char(5), c1 "char", v varchar(9), t text, n name, raw bytea,
    d date, tm time, tmz timetz, ts timestamp, tsz timestamptz, iv interval, u uuid, ip inet, net cidr,
    mac macaddr, bits bit varying, js json, jsb jsonb, x xml, tv tsvector, tq tsquery, pt point, bx box,
    m mood, p point3, pos positive, r tstzrange, mr datemultirange, ints int[], texts text[][], dates timestamptz[],
    moods mood[], ref regclass, lsn pg_lsn, twice int generated always as (id * 2) stored, acl aclitem);
  create table other."odd name" (v float8);
  create table keyless (a int, b text);
  create table nothing ();
  create table parted (id int, at date, n numeric, primary key (id, at)) partition by range (at);
  create table parted_a partition of parted for values from ('2025-01-01') to ('2026-01-01');
  create table parted_b (n numeric, id int not null, at date not null);
  alter table parted attach partition parted_b for values from ('2026-01-01') to ('2027-01-01');
  create unlogged table cache (id int);
  create sequence loose;`;

const ROWS = [
  `insert into every values (1, -3, 9e15, 1.50, 2.5, 0.1, 0.30000000000000004, 12.34::numeric, true, 'ab', '\\351', 'x', E'quote " \\\\ , ( \\n', 'n',
    '\\x00ff27', '2026-02-03', '04:05:06.789', '04:05:06+07', '2026-02-03 04:05:06.789', '2026-02-03 04:05:06.789+03', '1 mon -2 days 03:04:05.6',
    '7b0c0a4e-9d0d-4b6e-8a0c-1f2e3d4c5b6a', '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03', '10110', '{"b": 1,  "a": 2}', '{"b": 1, "a": 2.50}',
    '<a b="c"/>', 'fat & cat'::text::tsvector, 'a & b', '(1.1,2)', '((0,0),(1,1))', 'ok', '(0.1,"a b")', 5, '[2026-01-01 00:00+01,)', '{[2026-01-01,2026-02-01)}',
    '{1,null,3}', '{{a,"b c"},{null,""}}', '{"2026-02-03 04:05:06+03"}', '{sad,ok}', 'other."odd name"', '0/16B6C50', default, makeaclitem(10, 10, 'SELECT', false))`,
  `insert into every (id, f4, f8, t, num) values (2, '-0', '-0', '', 'NaN'), (3, 'NaN', 'NaN', null, 0.000), (4, 'infinity', '-infinity', 'été 漢字 🎉', 1e-20)`,
  `insert into every (id, t) select i, repeat(md5(i::text), 300) from generate_series(10, 400) i`,
  `insert into other."odd name" values (0.1), (0.1), (1e300), (null)`,
  `insert into keyless select i % 7, md5((i % 50)::text) from generate_series(1, 1000) i`,
  `insert into nothing default values`,
  `insert into parted select i, date '2025-06-01' + i, i / 10.0 from generate_series(1, 500) i`,
  `select lo_from_bytea(4711, repeat('large object ', 200000)::bytea), lo_from_bytea(4712, '')`,
  `select setval('loose', 42)`,
];

const HOSTILE = `
  alter database app set datestyle = 'SQL, DMY'; alter database app set timezone = 'Asia/Kathmandu';
  alter database app set extra_float_digits = -15; alter database app set intervalstyle = 'sql_standard';
  alter database app set bytea_output = 'escape'; alter database app set search_path = other, public;
  alter database app set quote_all_identifiers = on; alter database app set statement_timeout = '100ms';
  alter database app set standard_conforming_strings = off; alter database app set xmloption = document;
  alter database app set default_transaction_read_only = on; alter database app set client_encoding = latin1;`;

const DAMAGE: Array<[string, string, string]> = [
  [
    'one changed byte',
    "update every set t = overlay(t placing 'X' from 9000) where id = 300",
    'every',
  ],
  [
    'a value swapped between two rows',
    "update keyless set a = case b when md5('1') then 2 else 1 end where b in (md5('1'), md5('2'))",
    'keyless',
  ],
  ['a row that is there twice', 'insert into other."odd name" values (0.1)', 'other.odd name'],
  [
    'a pair of rows that cancel out',
    'insert into other."odd name" values (7), (7)',
    'other.odd name',
  ],
  ['a missing row', 'delete from parted where id = 499', 'parted_b'],
  ['a zero without its sign', 'update every set f8 = 0 where id = 2', 'every'],
  ['not-a-number instead of null', "update every set f8 = 'NaN' where id = 10", 'every'],
  ['the scale of a number', 'update every set num = 1.5 where id = 1', 'every'],
  ['an empty text instead of none', "update every set t = '' where id = 3", 'every'],
  [
    'another order of the keys of json',
    `update every set js = '{"a": 2,  "b": 1}' where id = 1`,
    'every',
  ],
  ['one byte of a large object', "select lo_put(4711, 2000000, 'X')", 'large objects'],
  ['a missing large object', 'select lo_unlink(4712)', 'large objects'],
];

const unequal = ({ objects }: Proof) =>
  objects.filter(({ equal }) => !equal).map(({ name }) => name);

describe('The proof that two databases are equal', () => {
  let servers: Awaited<ReturnType<typeof startPair>>;
  let follower: AtRest;
  let prover: Prover;
  const app = { database: 'app' };
  const atSource = (sql: string) => servers.old.query(sql, app);
  const plain = encodeURIComponent(
    '-c default_transaction_read_only=off -c statement_timeout=0 -c standard_conforming_strings=on -c search_path=public',
  );
  const atTarget = (sql: string) =>
    servers.recent.query(sql, { ...app, query: `options=${plain}` });

  beforeAll(async () => {
    servers = await startPair();
  });
  afterAll(() => servers?.close());
  beforeEach(async () => {
    await servers.old.query('create database app');
    await servers.recent.query('create database app');
    await atSource(TYPES);
    await atSource(ROWS.join('; '));
    await atTarget(TYPES);
    await atTarget([...ROWS].reverse().join('; '));
    await servers.recent.query(HOSTILE);
    follower = new AtRest();
    prover = new Prover({ from: servers.old.url(app), to: servers.recent.url(app) }, follower);
  });
  afterEach(async () => {
    await prover.close();
    await servers.old.query('drop database app with (force)');
    await servers.recent.query('drop database app with (force)');
  });

  it('holds across versions, whatever the databases are set to, and leaves no slot behind', async () => {
    const proof = await prover.full(signal);
    expect(unequal(proof)).toEqual([]);
    expect(proof).toMatchObject({ equal: true, kind: 'full', differences: [] });
    const named = Object.fromEntries(proof.objects.map(({ name, rows }) => [name, rows.source]));
    expect(named).toEqual({
      'every (without column acl)': 395,
      keyless: 1000,
      'large objects': 4,
      nothing: 1,
      'other.odd name': 4,
      parted_a: 213,
      parted_b: 287,
    });
    expect(follower.held).toBe(0);
    expect(await servers.old.query('select slot_name from pg_replication_slots')).toEqual([]);
  });

  it.each(DAMAGE)('sees %s', async (_, sql, object) => {
    await atTarget(sql);
    const proof = await prover.full(signal);
    expect(unequal(proof).map((name) => name.replace(/ \(without.*/, ''))).toEqual([object]);
    expect(proof.equal).toBe(false);
  });

  it('compares texts, not bytes, where the databases are encoded otherwise', async () => {
    const latin = { database: 'latin' };
    await servers.old.query("create database latin template template0 encoding 'LATIN1'");
    try {
      const sql = "create table words (word text); insert into words values ('café'), ('Übung')";
      await servers.old.query(sql, latin);
      await atTarget(`drop schema public cascade; create schema public; ${sql}`);
      const urls = { from: servers.old.url(latin), to: servers.recent.url(app) };
      prover = new Prover(urls, follower, { include: ({ name }) => name === 'words' });
      const words = async () =>
        (await prover.full(signal)).objects.filter(({ name }) => name === 'words');
      expect(await words()).toMatchObject([{ equal: true, rows: { source: 2, target: 2 } }]);
      await atTarget("update words set word = 'cafe' where word = 'café'");
      expect(await words()).toMatchObject([{ equal: false }]);
    } finally {
      await servers.old.query('drop database latin with (force)');
    }
  });

  it('can be stopped, and then nothing of it goes on at either server', async () => {
    await atSource('create table many as select i from generate_series(1, 500000) i');
    await atTarget('create table many as select i from generate_series(1, 500000) i');
    const stop = new AbortController();
    const proof = prover.full(stop.signal);
    const stopped = expect(proof).rejects.toMatchObject({ code: 'cancelled' });
    const working = async () => {
      const sql = "select from pg_stat_activity where application_name = 'portsync proof'";
      const both = await Promise.all([servers.old.query(sql), servers.recent.query(sql)]);
      return both.flat().length;
    };
    await until(working);
    stop.abort(new CancelledError());
    await stopped;
    await until(async () => (await working()) === 0);
    expect(follower.held).toBe(0);
    expect(await servers.old.query('select slot_name from pg_replication_slots')).toEqual([]);
  });

  it('says that a transaction of before keeps a common moment from being had', async () => {
    const open = await servers.old.connect(app);
    await open.query('begin; update keyless set a = a where a = 1');
    prover = new Prover({ from: servers.old.url(app), to: servers.recent.url(app) }, follower, {
      momentLimitMs: 500,
    });
    await expect(prover.full(signal)).rejects.toMatchObject({ code: 'proof-blocked' });
    expect(follower.held).toBe(0);
    await open.query('rollback');
    await open.end();
    expect(await prover.full(signal)).toMatchObject({ equal: true });
  });

  describe('in the pause, after a whole comparison', () => {
    const touch = (name: string, change: Partial<TouchedTable>) =>
      follower.changes.push({
        ...{ name: { schema: 'public', name }, keyColumns: ['id'], keys: [], rows: 0 },
        ...{ truncated: false, ...change },
      });
    const both = async (sql: string) => void (await Promise.all([atSource(sql), atTarget(sql)]));
    const quick = () => prover.quick(signal);
    const objectOf = ({ objects }: Proof, name: string) =>
      objects.find((object) => object.name.replace(/ \(.*/, '') === name);

    beforeEach(async () => {
      expect(await prover.prepare(signal)).toMatchObject({ equal: true });
    });

    it('holds when everything that changed arrived, and counts the rows', async () => {
      await both(
        "insert into parted values (9001, '2025-02-02', 1), (9002, '2026-02-02', 1.0); delete from parted where id < 4; update every set t = 'new' where id = 300; select nextval('loose')",
      );
      const deleted = [1, 2, 3].map((id) => [String(id), `2025-06-0${id + 1}`]);
      const keyColumns = ['id', 'at'];
      const inserted = [
        ['9001', '2025-02-02'],
        ['9002', '2026-02-02'],
      ];
      touch('parted', { keyColumns, keys: [...inserted, ...deleted], rows: -1 });
      touch('every', { keys: [['300']] });
      const proof = await quick();
      expect(proof).toMatchObject({ equal: true, kind: 'quick', differences: [] });
      expect(objectOf(proof, 'parted')?.rows).toEqual({ source: 499, target: 499 });
      expect(objectOf(proof, 'keyless')).toMatchObject({ rows: { source: 1000, target: 1000 } });
    });

    it('sees a change, an insert and a delete that did not arrive', async () => {
      await atSource("update every set t = 'new' where id = 300");
      touch('every', { keys: [['300'], ['301']] });
      await atSource("insert into parted values (9001, '2025-02-02', 1)");
      touch('parted', { keyColumns: ['id', 'at'], keys: [['9001', '2025-02-02']], rows: 1 });
      const proof = await quick();
      expect(unequal(proof)).toEqual(['every (without column acl)', 'parted']);
      expect(objectOf(proof, 'parted')?.rows).toEqual({ source: 501, target: 500 });
    });

    it('reads a small table whole where its rows have no key, or were truncated', async () => {
      await both('truncate other."odd name"; insert into keyless values (8, null)');
      await atTarget('update keyless set a = 9 where a = 8');
      touch('keyless', { keyColumns: [], keys: null, rows: 1 });
      touch('odd name', { name: { schema: 'other', name: 'odd name' }, truncated: true });
      const proof = await quick();
      expect(unequal(proof)).toEqual(['keyless']);
      expect(objectOf(proof, 'other.odd name')?.rows).toEqual({ source: 0, target: 0 });
    });

    it('sees sequences that stand elsewhere, changed large objects, and new tables', async () => {
      await atSource("select nextval('loose'); create table late (id int)");
      await atTarget("select lo_put(4712, 0, 'X')");
      const proof = await quick();
      expect(proof.differences).toEqual([
        'table late: made since the last whole comparison',
        'sequence loose: 43 at the source, 42 at the target',
      ]);
      expect(unequal(proof)).toEqual(['large objects']);
    });

    it('takes keys as they are written, whatever is in them', async () => {
      await both('create table odd (id text primary key, n int)');
      await prover.prepare(signal);
      const keys = ['a"b', "it's", 'back\\slash', '{x,y}', '', 'NULL', 'été'];
      for (const key of keys) {
        const text = `'${key.replaceAll("'", "''")}'`;
        await both(`insert into odd values (${text}, 1)`);
      }
      touch('odd', { keys: keys.map((key) => [key]), rows: keys.length });
      expect(await quick()).toMatchObject({ equal: true });
      await atTarget("update odd set n = 2 where id = 'NULL'");
      expect(unequal(await quick())).toEqual(['odd']);
    });
  });
});
