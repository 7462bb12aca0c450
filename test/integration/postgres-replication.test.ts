import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { closer, watch } from '../rig/watch.ts';

const { later, closeAll } = closer();
afterEach(closeAll);

describe('PostgreSQL’s replication', () => {
  let primary: TestPostgres;
  let replica: TestPostgres | undefined;
  beforeAll(async () => {
    primary = await startPostgres();
    await primary.query('create table notes (id int primary key, text text)');
    replica = await primary.startReplica();
  });
  afterAll(async () => {
    await replica?.close();
    await primary?.close();
  });
  const write = () =>
    primary.query(
      "insert into notes select i, repeat('x', 200) from generate_series(1, 20000) i " +
        'on conflict (id) do update set text = notes.text',
    );

  it('shows the WAL that a forgotten slot retains grow', async () => {
    await primary.query("select pg_create_logical_replication_slot('forgotten', 'pgoutput')");
    const { look } = later(watch(primary.url()));
    const slot = async () => (await look()).replication.find(({ name }) => name === 'forgotten');
    const before = await slot();
    expect(before).toMatchObject({ state: 'inactive' });
    await write();
    const after = await slot();
    expect((after?.lagBytes ?? 0) - (before?.lagBytes ?? 0)).toBeGreaterThan(4e6);
    expect(after?.retainedBytes).toBeGreaterThanOrEqual(after?.lagBytes ?? 0);
    await primary.query("select pg_drop_replication_slot('forgotten')");
    expect(await slot()).toBeUndefined();
  });

  it('shows how far behind a replica is, from both ends', async () => {
    const [ahead, behind] = [later(watch(primary.url())), later(watch(replica?.url() ?? ''))];
    await ahead.until(({ replication }) =>
      expect(replication).toMatchObject([{ name: 'second', state: 'streaming', lagBytes: 0 }]),
    );
    await replica?.query('select pg_wal_replay_pause()');
    await write();
    const seen = await ahead.until(({ replication }) =>
      expect(replication[0]?.lagBytes).toBeGreaterThan(4e6),
    );
    expect(seen.replication[0]?.retainedBytes).toBeNull();
    const own = await behind.until(({ replication }) =>
      expect(replication[0]?.lagBytes).toBeGreaterThan(4e6),
    );
    expect(own.replication).toMatchObject([{ name: 'this replica', state: 'streaming' }]);
    await replica?.query('select pg_wal_replay_resume()');
    await behind.until(({ replication }) =>
      expect(replication[0]).toMatchObject({ lagBytes: 0, lagMs: 0 }),
    );
    await ahead.until(({ replication }) => expect(replication[0]).toMatchObject({ lagBytes: 0 }));
  });

  it('says to a role without pg_monitor that there is a replica, and what it does not see', async () => {
    await primary.query("create role app login password 'pw'");
    const access = { user: 'app', password: 'pw' };
    const figures = await later(watch(primary.url(access))).look();
    expect(figures.replication).toMatchObject([{ name: 'second', lagBytes: null, lagMs: null }]);
    expect(figures.hint).toContain('how far the replicas are');
  });

  it('finds the primary among several hosts where the URL asks for it', async () => {
    const both = `postgres://postgres:${encodeURIComponent('super/secret?#1')}@127.0.0.1:${replica?.port},127.0.0.1:${primary.port}/postgres`;
    const any = await later(watch(both)).look();
    expect(any.replication).toMatchObject([{ name: 'this replica' }]);
    const first = await later(watch(`${both}?target_session_attrs=primary`)).look();
    expect(first.replication).toMatchObject([{ name: 'second' }]);
  });
});
