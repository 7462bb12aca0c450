import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Side } from '../../src/model/migration.ts';
import { startPostgres } from '../rig/postgres.ts';
import { applyCure, Pair, preflight } from '../rig/preflight.ts';

let pair: Pair;
beforeAll(async () => {
  const settings = { max_prepared_transactions: '2', allow_in_place_tablespaces: 'on' };
  pair = new Pair(...(await Promise.all([startPostgres({ settings }), startPostgres()])));
});
afterAll(() => pair?.close());

const NOTES = 'create table notes (id int primary key, text text)';

describe('a database that can move', () => {
  it('has nothing to look at, and an estimate and a way back', async () => {
    const database = await pair.database();
    await pair.source.query(
      `${NOTES}; insert into notes select i, 'x' from generate_series(1, 5000) i; analyze;
      create type mood as enum ('good'); create sequence counter; create view v as select 1;
      create table made (id int generated always as identity primary key, n int,
        twice int generated always as (n * 2) stored);
      create table whole (t text); alter table whole replica identity full;
      create table parts (id int, primary key (id)) partition by range (id);
      create table part1 partition of parts for values from (0) to (9);
      create extension pg_trgm; create table here (t text collate "C" primary key);
      create collation german (provider = icu, locale = 'de');
      create table there (t text collate german primary key)`,
      { database },
    );
    const { unwell, well, estimate, wayBack } = await pair.look({ database });
    expect(unwell).toEqual([]);
    expect(new Set(well).size).toBeGreaterThan(40);
    expect(wayBack).toEqual({ possible: true, why: null });
    expect(estimate).toMatchObject({ objects: 6, rows: 5000, memoryBytes: null });
    expect(estimate?.bytes).toBeGreaterThan(100_000);
    expect(estimate?.targetDiskBytes).toBeGreaterThan(estimate?.bytes ?? 0);
    expect(estimate?.copyMs).toBeGreaterThan(0);
    expect(estimate?.pauseMs).toBeGreaterThan(0);
  });

  it('is told how much log it writes meanwhile', async () => {
    const database = await pair.database();
    await pair.source.query(NOTES, { database });
    const writer = await pair.source.connect({ database });
    let over = false;
    const writing = (async () => {
      for (let i = 0; !over; i += 1) {
        await writer.query("insert into notes values ($1, repeat('x', 10000))", [i]);
      }
    })();
    const { estimate } = await pair.look({ database });
    over = true;
    await writing;
    await writer.end();
    expect(estimate?.logBytes).toBeGreaterThan(10_000);
  });

  it('is left as it was, and so is the target', async () => {
    const database = await pair.database();
    await pair.source.query(NOTES, { database });
    const state = async () => [
      await everything(pair.source, database),
      await everything(pair.target, database),
    ];
    const before = await state();
    await pair.look({ database });
    expect(await state()).toEqual(before);
  });
});

async function everything(server: Pair['source'], database: string) {
  const sql = `select (select count(*) from pg_class) as relations, (select count(*) from pg_proc) as routines,
    (select count(*) from pg_replication_slots) as slots, (select count(*) from pg_publication) as publications,
    (select count(*) from pg_db_role_setting) as settings, (select count(*) from pg_namespace) as schemas,
    (select sum(n_tup_ins) from pg_stat_user_tables) as rows`;
  return server.query(sql, { database });
}

interface Case {
  source?: string;
  target?: string;
  says: string;
  blocks: boolean;
  /** Where the cure is run; without it, it is for a person. */
  cured?: Side;
}

const CASES: Record<string, Case & { id: string }> = {
  'a table without a key that is only added to': {
    id: 'replica-identity',
    source: 'create table log (line text); insert into log values (1)',
    says: 'log: no primary key',
    blocks: false,
    cured: 'source',
  },
  'a table without a key that is updated': {
    id: 'replica-identity',
    source:
      'create schema "My App"; create table "My App"."Log" (n int); insert into "My App"."Log" values (1); update "My App"."Log" set n = 2',
    says: 'My App.Log: no primary key',
    blocks: true,
    cured: 'source',
  },
  'a key that no change is told by': {
    id: 'replica-identity',
    source: `${NOTES}; alter table notes replica identity nothing`,
    says: 'notes',
    blocks: false,
    cured: 'source',
  },
  'a key that is checked only at the end': {
    id: 'replica-identity',
    source: 'create table late (id int primary key deferrable)',
    says: 'late',
    blocks: false,
    cured: 'source',
  },
  'an unlogged table': {
    id: 'unlogged-tables',
    source: 'create unlogged table cache (id int primary key)',
    says: 'cache: unlogged',
    blocks: false,
    cured: 'source',
  },
  'a table in a tablespace': {
    id: 'tablespaces',
    source: 'create table far (id int primary key) tablespace fast',
    says: 'tablespace fast',
    blocks: false,
  },
  'large objects': {
    id: 'large-objects',
    source: 'select lo_create(0)',
    says: '1 large object:',
    blocks: false,
  },
  'foreign tables': {
    id: 'foreign-tables',
    source:
      "create extension postgres_fdw; create server other foreign data wrapper postgres_fdw; create foreign table outside (id int) server other; create user mapping for current_user server other options (password 'hush')",
    says: 'other and public.outside',
    blocks: false,
  },
  'publications of others': {
    id: 'publications',
    source: 'create publication warehouse for all tables',
    says: 'warehouse',
    blocks: false,
  },
  'a subscription that writes': {
    id: 'subscriptions',
    source:
      "create subscription feed connection 'host=127.0.0.1 port=1 password=hush' publication p with (connect = false, slot_name = 'feed'); alter subscription feed enable",
    says: 'feed',
    blocks: true,
    cured: 'source',
  },
  'settings of a role': {
    id: 'database-settings',
    source:
      "do $$ begin execute format('alter role %I in database %I set app.jwt = %L', current_user, current_database(), 'hush'); end $$",
    says: 'app.jwt',
    blocks: false,
    cured: 'target',
  },
  'roles that the target does not have': {
    id: 'roles',
    source: `${NOTES}; create role reporting; grant select on notes to reporting`,
    says: 'no role reporting',
    blocks: false,
    cured: 'target',
  },
  'policies for such roles': {
    id: 'roles',
    source: `${NOTES}; create role tenant; create policy own on notes to tenant using (true)`,
    says: 'tenant',
    blocks: true,
    cured: 'target',
  },
  'functions in a language of its own': {
    id: 'languages',
    source:
      "create language klingon handler plpgsql_call_handler; create function f() returns void language klingon as ''",
    says: 'klingon',
    blocks: true,
  },
  'functions of a library of its own': {
    id: 'c-functions',
    source:
      "create function own() returns language_handler language c as '$libdir/plpgsql', 'plpgsql_call_handler'",
    says: 'public.own',
    blocks: true,
  },
  'an extension that is older at the target': {
    id: 'extension-versions',
    source: 'create extension pg_trgm',
    target: "create extension pg_trgm version '1.3'",
    says: 'pg_trgm',
    blocks: false,
    cured: 'target',
  },
  'a collation that the target does not know': {
    id: 'collations',
    source: 'create table words (w text collate "de-x-icu" primary key)',
    target: "delete from pg_collation where collname = 'de-x-icu'",
    says: 'no collation de-x-icu',
    blocks: true,
  },
  'sorting rules that changed underneath': {
    id: 'collation-version',
    source: "update pg_collation set collversion = '0' where collname = 'de-x-icu'",
    says: 'de-x-icu',
    blocks: false,
    cured: 'source',
  },
  'a prepared transaction': {
    id: 'prepared-transactions',
    source: `${NOTES}; begin; insert into notes values (1); prepare transaction 'it''s lost'`,
    says: "it's lost",
    blocks: true,
    cured: 'source',
  },
  'a slot that nobody reads': {
    id: 'idle-slots',
    source: "select pg_create_logical_replication_slot('gone', 'pgoutput')",
    says: 'slot gone',
    blocks: false,
    cured: 'source',
  },
  'tables at the target': {
    id: 'target-empty',
    target: 'create table theirs (id int); create sequence s; create type t as enum ()',
    says: 's, t and theirs',
    blocks: true,
  },
  'an empty schema at the target': {
    id: 'target-empty',
    target: 'create schema theirs',
    says: 'theirs.*',
    blocks: true,
  },
  'a schema of another move': {
    id: 'leftovers',
    target: 'create schema portsync; create table portsync.progress (id int)',
    says: 'schema portsync',
    blocks: true,
  },
  'a slot and a publication of another move': {
    id: 'leftovers',
    source: `${NOTES}; create publication portsync_1; select pg_create_logical_replication_slot('portsync_1', 'pgoutput')`,
    says: 'publication portsync_1 and replication slot portsync_1',
    blocks: true,
  },
  'too few connections at the target': {
    id: 'target-connections',
    target:
      "do $$ begin execute format('alter database %I connection limit 5', current_database()); end $$",
    says: 'connections are free at the target',
    blocks: true,
    cured: 'target',
  },
  'a target that was set to take no writes': {
    id: 'target-writable',
    target:
      "do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$",
    says: 'takes no writes',
    blocks: true,
    cured: 'target',
  },
};

describe('before a move one learns of', () => {
  beforeAll(() => pair.source.query("create tablespace fast location ''"));

  it.each(Object.entries(CASES))('%s', async (_, { id, source, target, says, blocks, cured }) => {
    const database = await pair.database();
    try {
      await run('source', database, source);
      await run('target', database, target);
      const seen = await pair.look({ database });
      const finding = seen.trouble(id);
      expect(seen.unwell).toEqual([id]);
      expect(finding).toMatchObject({ severity: blocks ? 'blocker' : 'warning' });
      expect(finding.message).toContain(says);
      expect(JSON.stringify(seen)).not.toContain('hush');
      if (!cured) return;
      await applyCure(finding, pair[cured], { database });
      expect((await pair.look({ database })).well).toContain(id);
    } finally {
      await tidy(database);
    }
  });
});

async function run(side: Side, database: string, sql = '') {
  const client = await pair[side].connect({ database });
  for (const statement of sql.split(/; (?!end)/)) await client.query(statement);
  await client.end();
}

/** What is the server's and not the database's would be seen by the next test. */
async function tidy(database: string): Promise<void> {
  const slots =
    'select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active';
  await pair.source.query(slots, { database });
  const gone = await pair.source.query('select 1 from pg_subscription', { database });
  if (gone.length === 0) return;
  await run(
    'source',
    database,
    'alter subscription feed set (slot_name = none); drop subscription feed',
  );
}

describe('a target that differs', () => {
  it('in how it writes text blocks, or is told of', async () => {
    const latin = "template template0 encoding 'LATIN1' locale 'C'";
    const narrower = { database: await pair.database({ target: latin }) };
    const wider = { database: await pair.database({ source: latin }) };
    const blocks = (await pair.look(narrower)).trouble('encoding');
    expect(blocks).toMatchObject({ severity: 'blocker' });
    expect((await pair.look(wider)).trouble('encoding')).toMatchObject({ severity: 'warning' });
    await applyCure(blocks, pair.target, {});
    const cured = await pair.look(narrower, { database: `${narrower.database}_new` });
    expect(cured.unwell).toEqual([]);
  });

  it('in how it sorts text is told of, and can be made anew', async () => {
    const icu = "template template0 locale_provider icu icu_locale 'de' locale 'C'";
    const database = await pair.database({ source: icu });
    const finding = (await pair.look({ database })).trouble('locale');
    expect(finding.message).toContain('de (icu)');
    await applyCure(finding, pair.target, {});
    const cured = await pair.look({ database }, { database: `${database}_new` });
    expect(cured.unwell).toEqual([]);
  });
});

describe('the same database twice', () => {
  it('blocks, also by another name of the server', async () => {
    const database = await pair.database();
    const target = pair.source.url({ database }).replace('127.0.0.1', 'localhost');
    const seen = await preflight({ source: pair.source.url({ database }), target });
    expect(seen.trouble('same-database')).toMatchObject({ severity: 'blocker' });
  });

  it('is told from another database of the same server', async () => {
    const [one, other] = [await pair.database(), await pair.database()];
    const source = pair.source.url({ database: one });
    const seen = await preflight({ source, target: pair.source.url({ database: other }) });
    expect(seen.trouble('same-database')).toMatchObject({ severity: 'warning' });
  });
});
