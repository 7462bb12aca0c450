import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freezeWrites } from '../../src/services/postgres/cutover/freeze.ts';
import { startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { until } from '../rig/until.ts';

describe('Stopping writes while an autovacuum works', () => {
  let server: TestPostgres;
  const access = { user: 'app', password: 'pw' };
  const vacuums = async () => {
    const sql = "select from pg_stat_progress_vacuum where relid = 'app.notes'::regclass";
    return (await server.query(sql)).length;
  };

  beforeAll(async () => {
    server = await startPostgres({
      settings: {
        autovacuum_naptime: '1',
        autovacuum_vacuum_cost_delay: '100',
        autovacuum_vacuum_cost_limit: '1',
        autovacuum_vacuum_threshold: '0',
      },
    });
    await server.query("create role app login password 'pw'; create schema app authorization app");
    await server.query('grant create on database postgres to app');
    await server.query(
      'create table app.notes as select i as id from generate_series(1, 100000) i',
    );
    await server.query('alter table app.notes owner to app');
  });
  afterAll(() => server?.close());

  it.each([
    ['a superuser', {}],
    ['the owner of the tables', access],
  ])('%s does not wait for its end', async (_, who) => {
    await server.query('update app.notes set id = id + 1');
    await until(vacuums, 30_000);
    const signal = AbortSignal.timeout(30_000);
    const include = ({ schema }: { schema: string }) => schema === 'app';
    const options = { reason: 'moved', limitMs: 20_000, include } as const;
    const frozen = await freezeWrites(server.url(who), options, signal);
    expect(await vacuums()).toBe(0);
    await frozen.thaw();
  });
});
