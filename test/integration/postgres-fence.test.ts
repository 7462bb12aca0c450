import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  connectPostgres,
  type PostgresConnection,
} from '../../src/services/postgres/connection.ts';
import { dropFence, lowerFence, raiseFence } from '../../src/services/postgres/cutover/fence.ts';
import { readFence } from '../../src/services/postgres/cutover/fence-state.ts';
import {
  type Frozen,
  freezeWrites,
  prepareFreeze,
} from '../../src/services/postgres/cutover/freeze.ts';
import { everyTable } from '../../src/services/postgres/cutover/tables.ts';
import { CuttingProxy } from '../rig/cutting-proxy.ts';
import type { TestPostgres } from '../rig/postgres.ts';
import { until } from '../rig/until.ts';
import { startPair } from '../rig/versions.ts';

const signal = new AbortController().signal;
const MOVED = { reason: 'moved' } as const;
const REFUSED = { code: '25006', hint: expect.stringContaining('portsync migrate back') };

const SCHEMA = `
  create table notes (id serial primary key, text text);
  create table "Odd ""name" (id int primary key);
  create table events (at date, n int) partition by range (at);
  create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
  create unlogged table cache (key text primary key);
  create schema other;
  create table other.tags (id int primary key, note int references notes on delete cascade);
  create view shown_notes as select * from notes;
  create function add_note() returns void language sql as $$ insert into notes (text) values ('f') $$;
  create function all_notes() returns void language sql as $$ truncate notes cascade $$;`;

const WRITES = [
  "insert into notes (text) values ('a')",
  "update notes set text = 'b' where false",
  'delete from notes',
  'truncate notes cascade',
  'insert into "Odd ""name" values (1)',
  "insert into events values ('2026-05-05', 1)",
  "insert into events_2026 values ('2026-05-05', 1)",
  "insert into cache values ('k')",
  'insert into other.tags values (1)',
  "insert into shown_notes (text) values ('v')",
  'select add_note()',
  'select all_notes()',
  "with made as (insert into notes (text) values ('c') returning id) select id from made",
  "insert into notes (id, text) values (1, 'x') on conflict (id) do update set text = 'y'",
  "merge into notes using (values (1)) v (id) on notes.id = v.id when not matched then insert values (v.id, 'm')",
  "copy notes (text) from program 'echo copied'",
];

let servers: Awaited<ReturnType<typeof startPair>>;
beforeAll(async () => {
  servers = await startPair();
});
afterAll(() => servers?.close());

describe.each(['old', 'recent'] as const)('Stopping writes at the %s PostgreSQL', (which) => {
  let server: TestPostgres;
  let url: string;
  let ours: PostgresConnection;
  let clients: pg.Client[] = [];
  let frozen: Frozen[] = [];
  const client = async () => {
    const made = await server.connect({ database: 'app' });
    clients.push(made);
    return made;
  };
  const freeze = async (options = {}) => {
    const made = await freezeWrites(url, { ...MOVED, ...options }, signal);
    frozen.push(made);
    return made;
  };
  const waits = async (who: string) => {
    const sql = `select from pg_stat_activity where wait_event_type = 'Lock' and ${who}`;
    return (await server.query(sql)).length > 0;
  };
  const untilItWaits = (client: pg.Client) =>
    until(() => waits(`pid = ${(client as unknown as { processID: number }).processID}`));

  beforeEach(async () => {
    server = servers[which];
    await server.query('create database app');
    url = server.url({ database: 'app' });
    await server.query(SCHEMA, { database: 'app' });
    ours = await connectPostgres(url, 'test', signal);
  });
  afterEach(async () => {
    for (const one of frozen) await one.thaw();
    for (const one of clients) await one.end();
    await ours.close();
    clients = [];
    frozen = [];
    await server.query('drop database app with (force)');
  });

  it('lets writers wait and go on after it thaws, while readers never wait', async () => {
    const [writer, reader] = [await client(), await client()];
    const stopped = await freeze();
    const write = writer.query("insert into notes (text) values ('waited') returning id");
    await untilItWaits(writer);
    await reader.query("set statement_timeout = '5s'");
    expect((await reader.query('select * from notes')).rows).toEqual([]);
    await stopped.thaw();
    expect((await write).rowCount).toBe(1);
  });

  it('refuses who waited once it is sealed, and says how to go back', async () => {
    const writer = await client();
    const stopped = await freeze();
    const write = writer.query("insert into notes (text) values ('waited')");
    const refused = expect(write).rejects.toMatchObject(REFUSED);
    await untilItWaits(writer);
    await stopped.seal(signal);
    await refused;
  });

  it('refuses superusers too, in whatever way they write', async () => {
    const writer = await client();
    await raiseFence(url, MOVED, signal);
    for (const sql of WRITES) {
      await expect(writer.query(sql), sql).rejects.toMatchObject({ code: '25006' });
    }
    expect((await writer.query('select count(*)::int from notes')).rows).toEqual([{ count: 0 }]);
  });

  it('lets sessions with the role of a replica pass, and those that have our word', async () => {
    const writer = await client();
    await raiseFence(url, MOVED, signal);
    await writer.query('set session_replication_role = replica');
    await writer.query("insert into notes (text) values ('replicated')");
    await writer.query('reset session_replication_role');
    await writer.query("set portsync.pass = 'yes'");
    await writer.query("insert into events values ('2026-05-05', 1)");
    await writer.query('reset portsync.pass');
    await expect(writer.query('delete from notes')).rejects.toMatchObject(REFUSED);
  });

  it('can be raised again, finds what was made meanwhile, and comes down without a trace', async () => {
    await raiseFence(url, { reason: 'receiving' }, signal);
    await server.query('create table late (id int); alter table notes disable trigger user', {
      database: 'app',
    });
    const { refuses, unfenced } = await readFence(ours, everyTable, signal);
    expect(refuses).toBe(true);
    expect(unfenced.map(({ name }) => name)).toEqual(['late', 'notes']);
    await raiseFence(url, MOVED, signal);
    expect((await readFence(ours, everyTable, signal)).unfenced).toEqual([]);

    await lowerFence(ours, signal);
    await server.query("insert into notes (text) values ('down')", { database: 'app' });
    await dropFence(ours, signal);
    await lowerFence(ours, signal);
    expect(await readFence(ours, everyTable, signal)).toMatchObject({ refuses: false, fenced: [] });
  });

  it('lets the locks go when its process is killed', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'test/rig/freezing.ts', url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const writer = await client();
    const write = writer.query("insert into notes (text) values ('after')");
    await untilItWaits(writer);
    child.kill('SIGKILL');
    expect((await write).rowCount).toBe(1);
  });

  it('lets the locks go when it stays silent for too long', async () => {
    await freeze({ silenceMs: 300 });
    const writer = await client();
    expect((await writer.query("insert into notes (text) values ('x')")).rowCount).toBe(1);
    await expect(frozen[0]?.seal(signal)).rejects.toMatchObject({
      code: expect.stringMatching(/^database-/),
    });
    await writer.query("insert into notes (text) values ('y')");
  });

  it('names who holds a table when it cannot have the locks, and leaves everything as it was', async () => {
    const holder = await client();
    await holder.query("set application_name = 'nightly report'");
    await holder.query("begin; update notes set text = 'secret' where id = 7");
    await expect(freeze({ limitMs: 500 })).rejects.toMatchObject({
      code: 'freeze-blocked',
      why: expect.stringMatching(
        /pid \d+ \(nightly report\) holds notes for .*update notes set text = \?/,
      ),
    });
    await holder.query('commit');
    const writer = await client();
    await writer.query("insert into notes (text) values ('x')");
  });

  it('comes through where writers hold one table and want the next', async () => {
    const holder = await client();
    await holder.query('begin; insert into other.tags values (1)');
    const stopping = freeze({ limitMs: 20_000 });
    await until(() => waits("application_name = 'portsync freeze'"));
    await holder.query("insert into notes (text) values ('x'); commit");
    await (await stopping).seal(signal);
    await expect(holder.query('delete from notes')).rejects.toMatchObject(REFUSED);
  });

  it('says which grants are missing, before anything is locked', async () => {
    await server.query(
      "drop role if exists limited; create role limited login password 'pw'; grant select on all tables in schema public, other to limited; grant usage on schema other to limited",
      { database: 'app' },
    );
    const limited = server.url({ user: 'limited', password: 'pw', database: 'app' });
    const error = await freezeWrites(limited, MOVED, signal).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'freeze-privilege' });
    for (const statement of error.next.slice(error.next.indexOf('grant')).split(/(?<=;) /)) {
      await server.query(statement, { database: 'app' });
    }
    const stopped = await freezeWrites(limited, MOVED, signal);
    await stopped.seal(signal);
    await expect(server.query('delete from notes', { database: 'app' })).rejects.toMatchObject(
      REFUSED,
    );
  });

  describe('through a connection that breaks', () => {
    let proxy: CuttingProxy;
    let through: string;
    const up = async () => {
      const { refuses, unfenced } = await readFence(ours, everyTable, signal);
      return refuses && unfenced.length === 0;
    };
    beforeEach(async () => {
      proxy = new CuttingProxy(server.port);
      through = url.replace(`:${server.port}/`, `:${await proxy.open()}/`);
    });
    afterEach(() => proxy.close());

    it('knows that it is sealed though the answer was lost', async () => {
      const stopped = await freezeWrites(through, MOVED, signal);
      proxy.cutOnce('before-the-answer', 'commit');
      await stopped.seal(signal);
      expect(await up()).toBe(true);
    });

    it('knows that it is not sealed where the order never arrived, and lets writers go on', async () => {
      const writer = await client();
      const stopped = await freezeWrites(through, MOVED, signal);
      const write = writer.query("insert into notes (text) values ('x')");
      await untilItWaits(writer);
      proxy.cutOnce('before-it-arrives', 'commit');
      await expect(stopped.seal(signal)).rejects.toMatchObject({
        code: 'database-connection-lost',
      });
      expect((await write).rowCount).toBe(1);
      expect(await up()).toBe(false);
    });

    it('says what is so, where it broke while the server was at work', async () => {
      for (let round = 0; round < 5; round += 1) {
        const stopped = await freezeWrites(through, MOVED, signal);
        proxy.cutOnce('while-it-works', 'commit');
        const sealed = await stopped.seal(signal).then(
          () => true,
          () => false,
        );
        expect(await up()).toBe(sealed);
        await server.query('drop schema if exists portsync cascade', { database: 'app' });
      }
    });

    it('connects again where the session died before it was needed', async () => {
      const freezer = await prepareFreeze(through, MOVED, signal);
      await server.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'portsync freeze'",
      );
      await until(() => proxy.connections === 0);
      const stopped = await freezer.freeze(signal);
      await stopped.seal(signal);
      expect(await up()).toBe(true);
    });
  });
});
