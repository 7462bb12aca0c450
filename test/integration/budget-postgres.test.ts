import { afterAll, beforeAll, expect, it } from 'vitest';
import { shareOfProbe } from '../rig/budget.ts';
import { cpuOf, cpuOfFamily, proc } from '../rig/cpu.ts';
import { describeWith } from '../rig/needs.ts';
import { startPostgres, type TestPostgres } from '../rig/postgres.ts';

describeWith(proc, 'PostgreSQL’s monitoring budget', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
    await server.query('create table account (id int primary key, balance int)');
    await server.query('insert into account select i, 0 from generate_series(1, 10000) i');
  });
  afterAll(() => server?.close());

  it('is at most 1 % of the server’s CPU under load, over one connection', async () => {
    const share = await shareOfProbe({
      name: 'postgres',
      url: server.url(),
      load: (signal) => transfer(server, signal),
      probe: () => probesBackend(server),
      serverCpuMs: () => cpuOfFamily(server.pid),
    });
    expect(share).toBeLessThanOrEqual(1);
  });
});

async function probesBackend(server: TestPostgres): Promise<{ id: number; cpuMs: number }> {
  const rows = await server.query(
    "select pid from pg_stat_activity where application_name = 'portsync'",
  );
  expect(rows).toHaveLength(1);
  const id = Number(rows[0]?.pid);
  return { id, cpuMs: cpuOf(id) };
}

/** Like pgbench: small transactions that write, one after the other. */
async function transfer(server: TestPostgres, signal: AbortSignal): Promise<void> {
  const client = await server.connect();
  const any = () => Math.ceil(Math.random() * 10_000);
  while (!signal.aborted) {
    await client.query('begin');
    await client.query('update account set balance = balance + 1 where id = $1', [any()]);
    await client.query('select balance from account where id = $1', [any()]);
    await client.query('commit');
  }
  await client.end();
}
