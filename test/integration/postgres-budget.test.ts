import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { databaseProbe } from '../../src/services/database/probe.ts';
import { poll } from '../../src/state/poller.ts';
import { cpuOf, cpuOfFamily, proc } from '../rig/cpu.ts';
import { describeWith } from '../rig/needs.ts';
import { startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { until } from '../rig/until.ts';

const MEASURED_MS = 24_000;

describeWith(proc, 'PostgreSQL’s monitoring budget', () => {
  it('is at most 1 % of the server’s CPU under load, over one connection', async () => {
    const server = await startPostgres();
    const stop = new AbortController();
    const probe = databaseProbe(server.url());
    try {
      await server.query('create table account (id int primary key, balance int)');
      await server.query('insert into account select i, 0 from generate_series(1, 10000) i');
      const load = Promise.all([1, 2, 3, 4].map(() => transfer(server, stop.signal)));
      let looks = 0;
      const polling = poll(probe, () => (looks += 1), stop.signal);
      await until(() => looks >= 2);
      const backend = await probesBackend(server);
      const before = { probe: cpuOf(backend), all: cpuOfFamily(server.pid), looks };
      await sleep(MEASURED_MS);
      expect(await probesBackend(server)).toBe(backend);
      const probeMs = cpuOf(backend) - before.probe;
      const allMs = cpuOfFamily(server.pid) - before.all;
      stop.abort();
      await Promise.all([load, polling]);
      const share = (100 * probeMs) / allMs;
      console.log(
        `postgres: ${looks - before.looks} looks took ${probeMs} ms of ${allMs} ms CPU: ${share.toFixed(2)} %`,
      );
      expect(looks - before.looks).toBeGreaterThan(0);
      expect(share).toBeLessThanOrEqual(1);
    } finally {
      stop.abort();
      await probe.close();
      await server.close();
    }
  });
});

async function probesBackend(server: TestPostgres): Promise<number> {
  const rows = await server.query(
    "select pid from pg_stat_activity where application_name = 'portsync'",
  );
  expect(rows).toHaveLength(1);
  return Number(rows[0]?.pid);
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
