import { setTimeout as sleep } from 'node:timers/promises';
import { createFeed, dropFeed } from '../../src/services/postgres/follow/feed.ts';
import { type Follow, followChanges } from '../../src/services/postgres/follow/follow.ts';
import type { TestPostgres } from '../../test/rig/postgres.ts';

const LIMIT_MS = 600_000;

/** One way to bring what changes in the source's database `postgres` to a database at the target. */
export interface Way {
  name: string;
  database: string;
  /** Changes are kept for it from here on. */
  keep(): Promise<void>;
  /**
   * Resolves when all that was written before is there. It is what is timed: connecting, or enabling,
   * until the last transaction of the backlog is seen to be committed at the target.
   */
  catchUp(): Promise<void>;
  end(): Promise<void>;
}

export function portsync(
  source: TestPostgres,
  target: TestPostgres,
): Way & { lagMs(): number | null } {
  const [database, feed] = ['by_portsync', 'portsync_bench'];
  const limit = () => AbortSignal.timeout(LIMIT_MS);
  let follow: Follow | null = null;
  let lag: number | null = null;
  return {
    name: 'PortSync',
    database,
    keep: async () => {
      lag = null;
      await createFeed(source.url(), feed, limit());
    },
    catchUp: async () => {
      const to = target.url({ database });
      const options = { from: source.url(), to, feed, starts: new Map() };
      follow ??= await followChanges(
        options,
        ({ lagMs }) => {
          lag = lagMs;
        },
        limit(),
      );
      await follow.caughtUp(limit());
    },
    end: async () => {
      await follow?.stop();
      follow = null;
      await dropFeed(source.url(), feed, limit());
    },
    lagMs: () => lag,
  };
}

/** PostgreSQL's own logical replication, as it comes; ends are seen by a table `marks`. */
export function subscription(source: TestPostgres, target: TestPostgres): Way {
  const database = 'by_subscription';
  const own = { database };
  let mark = 0;
  return {
    name: 'CREATE SUBSCRIPTION',
    database,
    keep: async () => {
      await source.query('create publication bench for all tables');
      const { username, password, hostname, port } = new URL(source.url());
      const dsn = `host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)} dbname=postgres`;
      await target.query(
        `create subscription bench connection '${dsn}' publication bench with (enabled = false, copy_data = false, create_slot = false, slot_name = bench)`,
        own,
      );
      await source.query("select pg_create_logical_replication_slot('bench', 'pgoutput')");
    },
    catchUp: async () => {
      mark += 1;
      await source.query(`insert into marks values (${mark})`);
      await target.query('alter subscription bench enable', own);
      const there = `select 1 from marks where id = ${mark}`;
      // A connection for each look would cost the target more than a few percent.
      const eyes = await target.connect(own);
      try {
        for (let end = Date.now() + LIMIT_MS; Date.now() < end; await sleep(10)) {
          if ((await eyes.query(there)).rows.length > 0) return;
        }
      } finally {
        await eyes.end();
      }
      throw new Error('the subscription did not catch up');
    },
    end: async () => {
      await target.query(
        'alter subscription bench disable; alter subscription bench set (slot_name = none); drop subscription bench',
        own,
      );
      await source.query(
        "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = 'bench' and active",
      );
      await sleep(500);
      await source.query("select pg_drop_replication_slot('bench')");
      await source.query('drop publication bench');
    },
  };
}
