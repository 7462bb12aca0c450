import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  connectPostgres,
  type PostgresConnection,
} from '../../src/services/postgres/connection.ts';
import { cleanUp, leftoversIn } from '../../src/services/postgres/cutover/cleanup.ts';
import { dropFence, lowerFence, raiseFence } from '../../src/services/postgres/cutover/fence.ts';
import { freezeWrites, prepareFreeze } from '../../src/services/postgres/cutover/freeze.ts';
import {
  differingSequences,
  readSequences,
  setSequences,
} from '../../src/services/postgres/cutover/sequences.ts';
import { createFeed } from '../../src/services/postgres/follow/feed.ts';
import { startPostgres } from '../rig/postgres.ts';
import { until } from '../rig/until.ts';
import { startPair } from '../rig/versions.ts';

const signal = new AbortController().signal;
const app = { database: 'app' };

let servers: Awaited<ReturnType<typeof startPair>>;
let source: PostgresConnection;
let target: PostgresConnection;
let urls: { source: string; target: string };

const atSource = (sql: string) => servers.old.query(sql, app);
const atTarget = (sql: string) => servers.recent.query(sql, app);
const both = (sql: string) => Promise.all([atSource(sql), atTarget(sql)]);
const tell = (what: string, ms: number) => console.log(`${what}: ${ms.toFixed(1)} ms`);
async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  tell(what, performance.now() - start);
  return result;
}

beforeAll(async () => {
  servers = await startPair();
});
afterAll(() => servers?.close());
beforeEach(async () => {
  await servers.old.query('create database app');
  await servers.recent.query('create database app');
  urls = { source: servers.old.url(app), target: servers.recent.url(app) };
  source = await connectPostgres(urls.source, 'test', signal);
  target = await connectPostgres(urls.target, 'test', signal);
});
afterEach(async () => {
  await source.close();
  await target.close();
  await servers.old.query('drop database app with (force)');
  await servers.recent.query('drop database app with (force)');
});

describe('Carrying sequences over', () => {
  const carry = async () => {
    const values = await readSequences(source, signal);
    await setSequences(target, values, 'the target', signal);
    return differingSequences(values, await readSequences(target, signal));
  };

  it('makes every sequence go on where it stood, of whatever kind', async () => {
    await both(`create schema other; create schema portsync;
      create table notes (id serial, code int generated always as identity);
      create sequence plain; create sequence other."Odd ""name" start 1000;
      create sequence down increment -5 maxvalue 100 start 100;
      create sequence round minvalue 1 maxvalue 3 cycle; create sequence ahead cache 50;
      create sequence full_up maxvalue 2; create sequence small as smallint;
      create sequence set_back; create sequence huge; create sequence portsync.ours;`);
    await atSource(`insert into notes select; insert into notes select;
      select nextval('down'), nextval('down'), nextval('ahead'), nextval('full_up'), nextval('full_up');
      select nextval('round'), nextval('round'), nextval('round'); select setval('small', 32767);
      select setval('set_back', 500, false); select setval('huge', 9223372036854775806);
      select setval('portsync.ours', 7);`);
    expect(await carry()).toEqual([]);
    const next = `select nextval('plain') as plain, nextval('other."Odd ""name"') as odd, nextval('down') as down,
      nextval('round') as round, nextval('ahead') as ahead, nextval('set_back') as set_back, nextval('huge') as huge,
      nextval('portsync.ours') as ours`;
    expect(await atTarget(next)).toEqual([
      {
        ...{ plain: '1', odd: '1000', down: '90', round: '1', ahead: '51', set_back: '500' },
        ...{ huge: '9223372036854775807', ours: '1' },
      },
    ]);
    expect(await atTarget('insert into notes default values returning *')).toEqual([
      { id: 3, code: 3 },
    ]);
    await expect(atTarget("select nextval('full_up')")).rejects.toMatchObject({ code: '2200H' });
  });

  it('names what stands elsewhere, and what is missing', async () => {
    await both('create sequence a');
    await atSource("create sequence b; select nextval('a')");
    const [here, there] = [
      await readSequences(source, signal),
      await readSequences(target, signal),
    ];
    expect(differingSequences(here, there)).toEqual([
      'sequence a: 1 at the source, 1 not yet given out at the target',
      'sequence b: missing at the target',
    ]);
    await expect(carry()).rejects.toMatchObject({
      code: 'sequence-missing',
      message: 'Sequences are missing at the target: b.',
    });
  });

  it('takes a moment for hundreds', async () => {
    await both(`do $$ begin for i in 1..300 loop
      execute format('create table t%s (id serial, n int)', i); end loop; end $$`);
    await atSource(`do $$ begin for i in 1..299 loop
      perform nextval(format('t%s_id_seq', i)); end loop; end $$`);
    for (const round of ['cold', 'warm']) {
      const values = await timed(`read 300 sequences, ${round}`, () =>
        readSequences(source, signal),
      );
      expect(values).toHaveLength(300);
      expect(values.filter(({ called }) => called)).toHaveLength(299);
      await timed(`set 300 sequences, ${round}`, () =>
        setSequences(target, values, 'the target', signal),
      );
    }
  });
});

describe('The line between two databases', () => {
  /** Writes as an app does that takes a refusal as a reason to try again where it is told to. */
  async function write(url: () => string, rows: string[], refusals: string[], stop: AbortSignal) {
    while (!stop.aborted) {
      const client = url();
      const connection = await connectPostgres(client, 'app', signal);
      try {
        while (!stop.aborted && client === url()) {
          const id = crypto.randomUUID();
          await connection.ask(`insert into notes values ('${id}')`, signal);
          rows.push(`${client === urls.source ? 'source' : 'target'} ${id}`);
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'database-read-only' });
        refusals.push(client);
        await sleep(5);
      } finally {
        await connection.close();
      }
    }
  }

  it('has every acknowledged write on exactly one side, whatever fences go up and down', async () => {
    await both('create table notes (id uuid primary key)');
    await raiseFence(urls.target, { reason: 'receiving' }, signal);
    const rows: string[] = [];
    const refusals: string[] = [];
    let current = urls.source;
    const stop = new AbortController();
    const writers = Array.from({ length: 6 }, () =>
      write(() => current, rows, refusals, stop.signal),
    );
    const counted = async () => (await atSource('select count(*)::int as n from notes'))[0]?.n;
    for (let round = 0; round < 3; round += 1) {
      const before = rows.length;
      await until(() => rows.length > before + 50);
      const tried = await freezeWrites(urls.source, { reason: 'moved' }, signal);
      const frozen = await counted();
      await sleep(50);
      expect(await counted()).toBe(frozen);
      await tried.thaw();
    }
    const frozen = await freezeWrites(urls.source, { reason: 'moved' }, signal);
    const last = await counted();
    await timed('seal', () => frozen.seal(signal));
    await until(() => refusals.includes(urls.source));
    expect(await counted()).toBe(last);
    current = urls.target;
    await until(() => refusals.includes(urls.target));
    expect(await atTarget('select from notes')).toEqual([]);
    await timed('lower', () => lowerFence(target, signal));
    await timed('drop', () => dropFence(target, signal));
    const before = rows.length;
    await until(() => rows.length > before + 100);
    stop.abort();
    await Promise.all(writers);
    const all = 'select id from notes';
    const found = [
      ...(await atSource(all)).map(({ id }) => `source ${id}`),
      ...(await atTarget(all)).map(({ id }) => `target ${id}`),
    ];
    expect(found.sort()).toEqual(rows.sort());
  });

  it('is drawn through hundreds of tables in a moment', async () => {
    await atSource(`do $$ begin for i in 1..300 loop
      execute format('create table t%s (id int primary key)', i); end loop; end $$`);
    const freezer = await timed('prepare for 300 tables', () =>
      prepareFreeze(urls.source, { reason: 'moved' }, signal),
    );
    const frozen = await timed('freeze 300 tables', () => freezer.freeze(signal));
    await timed('seal 300 tables', () => frozen.seal(signal));
    await timed('lower 300 tables', () => lowerFence(source, signal));
    await timed('drop 300 triggers', () => dropFence(source, signal));
  });

  it('says how many locks the server must be able to hold', async () => {
    const small = await startPostgres({
      settings: { max_locks_per_transaction: '10', max_connections: '10' },
    });
    try {
      for (let from = 0; from < 4000; from += 200) {
        await small.query(`do $$ begin for i in ${from}..${from + 199} loop
          execute format('create table t%s (id int)', i); end loop; end $$`);
      }
      const error = await freezeWrites(small.url(), { reason: 'moved' }, signal).catch((e) => e);
      expect(error).toMatchObject({
        code: 'freeze-locks-full',
        next: 'Set max_locks_per_transaction to 4096 or more and restart the server.',
      });
      await small.query('insert into t7 values (7)');
    } finally {
      await small.close();
    }
  });
});

describe('Cleaning up', () => {
  beforeEach(async () => {
    await atSource('create table notes (id int primary key); create table keyless (n int)');
    await raiseFence(urls.source, { reason: 'moved' }, signal);
    await createFeed(urls.source, 'portsync_feed', signal);
    await atSource('create table portsync.position (feed text)');
  });
  afterEach(async () => {
    await servers.old.query('select pg_drop_replication_slot(slot_name) from pg_replication_slots');
  });

  it('lists what PortSync made, and removes it without a trace; again does nothing', async () => {
    expect(await leftoversIn(urls.source, signal)).toEqual([
      'replication slot portsync_feed, which keeps log',
      'REPLICA IDENTITY FULL of keyless',
      'publication portsync_feed',
      'trigger on keyless that refuses writes',
      'trigger on notes that refuses writes',
      'table portsync.position',
      'function portsync.refuse_writes',
      'schema portsync',
    ]);
    await cleanUp(urls.source, { keepFence: false }, signal);
    await cleanUp(urls.source, { keepFence: false }, signal);
    expect(await leftoversIn(urls.source, signal)).toEqual([]);
    expect(await atSource("select relreplident from pg_class where relname = 'keyless'")).toEqual([
      { relreplident: 'd' },
    ]);
    await atSource('insert into notes values (1)');
  });

  it('leaves the fence where it is to stay', async () => {
    await cleanUp(urls.source, { keepFence: true }, signal);
    await expect(atSource('insert into notes values (1)')).rejects.toMatchObject({ code: '25006' });
    expect(await leftoversIn(urls.source, signal)).toHaveLength(4);
  });

  it('ends the session that reads a slot', async () => {
    const reader = await servers.old.connect({ ...app, query: 'replication=database' });
    void reader
      .query(
        `START_REPLICATION SLOT portsync_feed LOGICAL 0/0 (proto_version '1', publication_names 'portsync_feed')`,
      )
      .catch(() => {});
    await until(async () => (await atSource('select active from pg_replication_slots'))[0]?.active);
    await cleanUp(urls.source, { keepFence: false }, signal);
    expect(await leftoversIn(urls.source, signal)).toEqual([]);
  });

  it('removes what it may, and gives the statements for the rest', async () => {
    await atSource("create role janitor login replication password 'pw'");
    const janitor = servers.old.url({ ...app, user: 'janitor', password: 'pw' });
    const error = await cleanUp(janitor, { keepFence: false }, signal).catch((e) => e);
    expect(error).toMatchObject({ code: 'cleanup-incomplete' });
    expect(error.next).toContain('drop trigger if exists portsync_fence on "public"."notes";');
    expect(await atSource('select from pg_replication_slots')).toEqual([]);
    await atSource(error.next.slice(error.next.indexOf('owner: ') + 7));
    expect(await leftoversIn(urls.source, signal)).toEqual([]);
    await atSource('drop role janitor');
  });
});
