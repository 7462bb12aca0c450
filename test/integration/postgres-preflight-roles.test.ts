import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../rig/postgres.ts';
import { applyCure, Pair } from '../rig/preflight.ts';
import { closer } from '../rig/watch.ts';

const { later, closeAll } = closer();
afterEach(closeAll);

let pair: Pair;
beforeAll(async () => {
  pair = new Pair(...(await Promise.all([startPostgres(), startPostgres()])));
});
afterAll(() => pair?.close());

const password = 'pw of app';
let count = 0;

/** A role of its own at both servers, which owns a database at each; as managed servers give it. */
async function owner(rights = 'replication') {
  count += 1;
  const user = `app_${count}`;
  for (const server of [pair.source, pair.target]) {
    await server.query(`create role ${user} login ${rights} password '${password}'`);
  }
  const options = `owner ${user}`;
  const database = await pair.database({ source: options, target: options });
  await pair.target.query(`grant set on parameter session_replication_role to ${user}`);
  return { user, password, database };
}

const NOTES = 'create table notes (id int primary key, text text)';

describe('the role at the source', () => {
  it('needs to be no superuser', async () => {
    const app = await owner();
    await pair.source.query(NOTES, app);
    const { unwell, wayBack } = await pair.look(app);
    expect(unwell).toEqual([]);
    expect(wayBack.possible).toBe(true);
  });

  it('must be allowed to replicate', async () => {
    const app = await owner('');
    const seen = await pair.look(app);
    expect(seen.unwell.sort()).toEqual(['source-replication', 'way-back']);
    expect(seen.trouble('source-replication')).toMatchObject({ severity: 'blocker' });
    await applyCure(seen.trouble('source-replication'), pair.source, {});
    await applyCure(seen.trouble('way-back'), pair.target, {});
    expect((await pair.look(app)).unwell).toEqual([]);
  });

  it('must own and read the tables', async () => {
    const app = await owner();
    await pair.source.query(`create role writer_${count}`);
    await pair.target.query(`create role writer_${count}`);
    await pair.source.query(`${NOTES}; alter table notes owner to writer_${count}`, {
      database: app.database,
    });
    const seen = await pair.look(app);
    expect(seen.unwell.sort()).toEqual(['source-ownership', 'source-select']);
    expect(seen.trouble('source-ownership').message).toContain(`not owned by ${app.user}`);
    await applyCure(seen.trouble('source-select'), pair.source, { database: app.database });
    expect((await pair.look(app)).unwell).toEqual(['source-ownership']);
    await applyCure(seen.trouble('source-ownership'), pair.source, {});
    expect((await pair.look(app)).unwell).toEqual([]);
  });

  it('must be allowed to create in the database', async () => {
    const app = await owner();
    await pair.source.query(`alter database ${app.database} owner to postgres`);
    const finding = (await pair.look(app)).trouble('source-create');
    expect(finding).toMatchObject({ severity: 'blocker' });
    await applyCure(finding, pair.source, {});
    expect((await pair.look(app)).unwell).toEqual([]);
  });

  it('must see every row, whatever the policies', async () => {
    const app = await owner();
    await pair.source.query(`${NOTES}; alter table notes enable row level security`, app);
    expect((await pair.look(app)).unwell).toEqual([]);
    await pair.source.query('alter table notes force row level security', app);
    const seen = await pair.look(app);
    expect(seen.unwell.sort()).toEqual(['row-security', 'target-row-security']);
    expect(seen.trouble('row-security')).toMatchObject({ severity: 'blocker', object: 'notes' });
    await applyCure(seen.trouble('row-security'), pair.source, {});
    await applyCure(seen.trouble('target-row-security'), pair.target, {});
    expect((await pair.look(app)).unwell).toEqual([]);
  });
});

describe('the role at the target', () => {
  it('must be allowed to create', async () => {
    const app = await owner();
    await pair.target.query(`alter database ${app.database} owner to postgres`);
    const finding = (await pair.look(app)).trouble('target-create');
    expect(finding).toMatchObject({ severity: 'blocker' });
    await applyCure(finding, pair.target, { database: app.database });
    expect((await pair.look(app)).unwell).toEqual([]);
  });

  it('brings along what it may set of the database’s settings, and is told of the rest', async () => {
    const app = await owner();
    const { user, database } = app;
    await pair.source.query(`alter database ${database} set work_mem = '8MB'`);
    expect((await pair.look(app)).unwell).toEqual([]);
    await pair.source.query(`alter database ${database} set app.jwt = 'hush'`);
    const seen = await pair.look(app);
    expect(seen.trouble('database-settings')).toMatchObject({ object: 'app.jwt' });
    expect(JSON.stringify(seen)).not.toContain('hush');
    expect((await pair.look(app, { database })).well).toContain('database-settings');
    await pair.target.query(`alter database ${database} owner to postgres`);
    await pair.target.query(`grant create on database ${database} to ${user}`);
    await pair.target.query(`grant create on schema public to ${user}`, { database });
    const [finding] = (await pair.look(app)).findings.filter(
      ({ id }) => id === 'database-settings',
    );
    expect(finding?.object).toBe('app.jwt and work_mem');
  });

  it('is told what it costs when triggers cannot be left out', async () => {
    const app = await owner();
    await pair.target.query(`revoke set on parameter session_replication_role from ${app.user}`);
    const finding = (await pair.look(app)).trouble('target-triggers');
    expect(finding).toMatchObject({ severity: 'warning' });
    await applyCure(finding, pair.target, {});
    expect((await pair.look(app)).unwell).toEqual([]);
  });

  it('may create trusted extensions, and is told of the others', async () => {
    const app = await owner();
    const { database } = app;
    await pair.source.query('create extension pg_trgm; create extension pageinspect', { database });
    const seen = await pair.look(app);
    expect(seen.unwell).toEqual(['extension-rights']);
    expect(seen.trouble('extension-rights')).toMatchObject({ object: 'pageinspect' });
    await pair.target.query('create extension pageinspect', { database });
    expect((await pair.look(app)).unwell).toEqual([]);
  });

  it('leaves event triggers to a superuser', async () => {
    const app = await owner();
    const { database } = app;
    await pair.source.query(
      `create function told() returns event_trigger language plpgsql as 'begin end';
      create event trigger watch on ddl_command_end execute function told()`,
      { database },
    );
    expect((await pair.look(app)).trouble('event-triggers')).toMatchObject({ object: 'watch' });
    const asSuperuser = await pair.look(app, { database });
    expect(asSuperuser.well).toContain('event-triggers');
  });

  it('has a limit of its own of connections', async () => {
    const app = await owner();
    await pair.target.query(`alter role ${app.user} connection limit 6`);
    const finding = (await pair.look(app)).trouble('target-connections');
    expect(finding.cure).toContain(`ALTER ROLE "${app.user}" CONNECTION LIMIT`);
    await applyCure(finding, pair.target, {});
    expect((await pair.look(app)).unwell).toEqual([]);
  });
});

describe('who is connected to the source', () => {
  const session = async (app: Awaited<ReturnType<typeof owner>>, name: string) => {
    const client = await pair.source.connect({ ...app, query: `application_name=${name}` });
    later({ close: () => client.end() });
    return client;
  };

  it('is the app’s pool, and others are named', async () => {
    const app = await owner();
    await session(app, 'web');
    await session(app, 'web');
    expect((await pair.look(app)).unwell).toEqual([]);
    await session(app, 'worker');
    const admin = await pair.source.connect({ database: app.database });
    later({ close: () => admin.end() });
    const { message } = (await pair.look(app)).trouble('other-writers');
    expect(message).toContain(`worker as ${app.user}`);
    expect(message).toContain('a client without a name as postgres');
    expect(message).not.toContain('web');
  });

  it('is told when transactions are open for long, and whether that can be seen at all', async () => {
    const app = await owner();
    await pair.source.query(NOTES, app);
    const client = await session(app, 'web');
    await client.query('begin; insert into notes values (1)');
    const admin = await pair.source.connect({ database: app.database });
    later({ close: () => admin.end() });
    const early = await pair.look(app);
    expect(early.trouble('long-transactions').cure).toBe(`GRANT pg_monitor TO "${app.user}";`);
    await applyCure(early.trouble('long-transactions'), pair.source, {});
    expect((await pair.look(app)).well).toContain('long-transactions');
    const age = () =>
      pair.source.query(
        "select 1 from pg_stat_activity where application_name = 'web' and xact_start < now() - interval '31 s'",
      );
    await expect.poll(age, { timeout: 60_000, interval: 1000 }).toHaveLength(1);
    const finding = (await pair.look(app)).trouble('long-transactions');
    expect(finding.message).toContain('web');
    await applyCure(finding, pair.source, {});
    expect((await pair.look(app)).well).toContain('long-transactions');
  }, 120_000);
});
