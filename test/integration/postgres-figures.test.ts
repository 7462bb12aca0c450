import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Need } from '../rig/needs.ts';
import { describeWith } from '../rig/needs.ts';
import { otherVersions, startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { closer, watch } from '../rig/watch.ts';

const { later, closeAll } = closer();
afterEach(closeAll);

async function session(server: TestPostgres): Promise<Client & { pid: string }> {
  const client = await server.connect();
  later({ close: () => client.end() });
  const { rows } = await client.query('select pg_backend_pid() as pid');
  return Object.assign(client, { pid: String(rows[0].pid) });
}

async function withNotes(bin?: string): Promise<TestPostgres> {
  const settings = { max_prepared_transactions: '2', max_connections: '30' };
  const server = await startPostgres({ settings, ...(bin ? { bin } : {}) });
  await server.query('create table notes (id int primary key, text text)');
  await server.query("insert into notes select i, 'x' from generate_series(1, 1000) i");
  return server;
}

describe('PostgreSQL’s figures', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await withNotes();
  });
  afterAll(() => server?.close());

  it('say what the server is, where, and how large', async () => {
    const figures = await later(watch(server.url())).look();
    const [row] = await server.query(
      "select split_part(version(), ' ', 2) as version, pg_database_size('postgres')::int as size",
    );
    expect(figures).toMatchObject({
      kind: 'postgres',
      version: row?.version,
      where: `127.0.0.1:${server.port}/postgres`,
      here: true,
      transactionsPerSecond: null,
      longestTransactionMs: 0,
      blocked: 0,
      hint: null,
    });
    expect(Math.abs((figures.sizeBytes ?? 0) - Number(row?.size))).toBeLessThan(1e6);
  });

  it('come over one connection, which is among those that they count', async () => {
    const { look, until } = later(watch(server.url()));
    await until(({ connections }) => expect(connections).toEqual({ used: 1, max: 30 }));
    await Promise.all([session(server), session(server), session(server)]);
    expect((await look()).connections?.used).toBe(4);
    const ours = await server.query(
      "select usename from pg_stat_activity where application_name = 'portsync'",
    );
    expect(ours).toHaveLength(1);
  });

  it('count the transactions of others, and none of their own', async () => {
    const { look, until } = later(watch(server.url()));
    const client = await server.connect();
    await look();
    const from = performance.now();
    for (let i = 0; i < 600; i += 1) {
      await client.query('select text from notes where id = $1', [i]);
      if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // Only at its end is a session certain to have told all that it did.
    await client.end();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { transactionsPerSecond, cacheHitPercent } = await look();
    const counted = ((transactionsPerSecond ?? 0) * (performance.now() - from)) / 1000;
    expect(counted).toBeGreaterThan(500);
    expect(counted).toBeLessThan(800);
    expect(cacheHitPercent).toBeGreaterThan(90);
    await until((idle) => expect(idle.transactionsPerSecond).toBe(0));
  });

  it('show a blocked query, whom it waits for, and what that one did last, without any value', async () => {
    const { until, look } = later(watch(server.url()));
    const [holder, waiter] = [await session(server), await session(server)];
    await holder.query("begin; update notes set text = 'hidden one' where id = 1");
    const waiting = waiter.query("update notes set text = 'hidden two' where id = 1");
    const figures = await until(({ slow }) => expect(slow).toHaveLength(1));
    expect(figures).toMatchObject({
      blocked: 1,
      slow: [
        { id: waiter.pid, text: 'update notes set text = ? where id = ?', blockedBy: [holder.pid] },
      ],
      blockers: [
        { id: holder.pid, text: 'begin; update notes set text = ? where id = ?', blockedBy: [] },
      ],
    });
    expect(figures.longestTransactionMs).toBeGreaterThanOrEqual(figures.blockers[0]?.ms ?? 0);
    await holder.query('rollback');
    await waiting;
    expect(await look()).toMatchObject({ blocked: 0, slow: [], blockers: [] });
  });

  it('name a forgotten prepared transaction that blocks', async () => {
    const { until, look } = later(watch(server.url()));
    const [holder, waiter] = [await session(server), await session(server)];
    await holder.query(
      "begin; update notes set text = 'a' where id = 2; prepare transaction 'lost'",
    );
    const waiting = waiter.query("update notes set text = 'b' where id = 2");
    const { blockers, slow } = await until((seen) => expect(seen.slow).toHaveLength(1));
    expect(slow[0]?.blockedBy).toEqual(['0']);
    expect(blockers).toMatchObject([{ id: '0', text: 'prepare transaction lost' }]);
    await holder.query("rollback prepared 'lost'");
    await waiting;
    expect((await look()).longestTransactionMs).toBe(0);
  });

  it('show no password that a slow statement sets', async () => {
    const { until } = later(watch(server.url()));
    const [holder, waiter] = [await session(server), await session(server)];
    await holder.query('create role bob');
    await holder.query("begin; alter role bob password 'hunter1'");
    const waiting = waiter.query("alter role bob with password 'hunter2'");
    const figures = await until(({ slow }) => expect(slow).toHaveLength(1));
    expect(figures.slow[0]?.text).toBe('alter role bob with password ?');
    expect(JSON.stringify(figures)).not.toContain('hunter');
    await holder.query('rollback');
    await waiting.catch(() => {});
  });
});

describe('a role that may not see others', () => {
  let server: TestPostgres;
  let app: string;
  beforeAll(async () => {
    server = await withNotes();
    await server.query("create role app login password 'pw'; grant all on notes to app");
    app = server.url({ user: 'app', password: 'pw' });
  });
  afterAll(() => server?.close());

  it('sees its own queries, counts everybody’s locks, and learns what to grant', async () => {
    const { until, look } = later(watch(app));
    const [holder, waiter] = [await session(server), await session(server)];
    await holder.query('begin; lock table notes in exclusive mode');
    const waiting = waiter.query('update notes set id = id');
    const own = await server.connect({ user: 'app', password: 'pw' });
    later({ close: () => own.end() });
    const sleeping = own.query('select pg_sleep(3)');
    const figures = await until(({ slow, blocked }) => {
      expect(blocked).toBe(1);
      expect(slow).toHaveLength(1);
    });
    expect(figures.slow[0]?.text).toBe('select pg_sleep(?)');
    expect(figures.connections).toEqual({ used: 4, max: 30 });
    expect(figures.hint).toContain('queries of 2 connections');
    await sleeping;
    expect((await look()).longestTransactionMs).toBeNull();
    await server.query('grant pg_monitor to app');
    expect(await look()).toMatchObject({ hint: null, blocked: 1, slow: [{ id: waiter.pid }] });
    await server.query('revoke pg_monitor from app');
    await holder.query('rollback');
    await waiting;
  });

  it('gets along without what was closed to it, and says what', async () => {
    await server.query('revoke execute on function pg_get_replication_slots() from public');
    const figures = await later(watch(app)).look();
    expect(figures).toMatchObject({ connections: { max: 30 }, replication: [] });
    expect(figures.hint).toContain('replication views');
    await server.query('grant execute on function pg_get_replication_slots() to public');
  });
});

const others = otherVersions();
const otherVersion: Need = {
  name: 'another version of PostgreSQL',
  missing: others.length > 0 ? null : 'install Debian’s postgresql, or set PORTSYNC_TEST_POSTGRES',
};

describeWith(otherVersion, 'PostgreSQL of other versions', () => {
  it.each(others)(
    '%s gives the same figures',
    async (bin) => {
      const server = later(await withNotes(bin));
      await server.query("select pg_create_logical_replication_slot('one', 'pgoutput')");
      const { until } = later(watch(server.url()));
      const [holder, waiter] = [await session(server), await session(server)];
      await holder.query('begin; lock table notes in exclusive mode');
      const waiting = waiter.query('update notes set id = id where id = 1');
      const figures = await until(({ slow }) => expect(slow).toHaveLength(1));
      expect(figures).toMatchObject({
        connections: { used: 3, max: 30 },
        blocked: 1,
        slow: [{ text: 'update notes set id = id where id = ?', blockedBy: [holder.pid] }],
        blockers: [{ id: holder.pid }],
        replication: [{ name: 'one', state: 'inactive' }],
        hint: null,
      });
      expect(figures.sizeBytes).toBeGreaterThan(1e6);
      await holder.query('rollback');
      await waiting;
    },
    120_000,
  );
});
