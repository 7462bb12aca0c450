import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { otherVersions, startPostgres, type TestPostgres } from '../../test/rig/postgres.ts';
import type { BenchResult, BenchSize } from '../migrate.ts';
import { median, quantile, type Row } from '../report.ts';
import { portsync, subscription, type Way } from './follow-ways.ts';

const SETTINGS = {
  fsync: 'on',
  shared_buffers: '256MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '30min',
  autovacuum: 'off',
};
/** Transactions of a backlog. Only the first, and fewer of them, where not all of it is measured. */
const COUNTS = [50_000, 200_000];
/** With fewer, it is connecting that would be measured. */
const FEWEST = 20_000;
const MARKS = 'create table marks (id int primary key)';
const SUMS = `select (select sum(abalance) from pgbench_accounts) as accounts, (select sum(bbalance) from pgbench_branches) as branches,
  (select sum(tbalance) from pgbench_tellers) as tellers, (select count(*) from pgbench_history) as history`;

/** Of one way: by round, how long it took to catch up, and what that cost this process. */
interface Run {
  seconds: number;
  cpuSeconds: number;
}

type Pgbench = (server: TestPostgres, database: string, ...args: string[]) => Promise<void>;

/** A backlog of pgbench, caught up by each way in turn; then the lag while pgbench writes as fast as it can. */
export async function followBench(size: BenchSize): Promise<BenchResult> {
  const pgbench = findPgbench();
  if (!pgbench) return { rows: [], notCompared: ['following: pgbench is not installed'] };
  const source = await startPostgres({ settings: SETTINGS });
  const target = await startPostgres({ settings: SETTINGS });
  try {
    const own = portsync(source, target);
    const peer = subscription(source, target);
    await pgbench(source, 'postgres', '-i', '-q', '-s', '10');
    await source.query(MARKS);
    for (const { database } of [own, peer]) {
      await target.query(`create database ${database}`);
      await pgbench(target, database, '-i', '-q', '-s', '10');
      await target.query(MARKS, { database });
    }
    const rows: Row[] = [];
    for (const count of countsOf(size)) {
      const runs = await backlogs([own, peer], { ...size, count }, source, target, pgbench);
      rows.push(...backlogRows(runs, count));
    }
    const lags = await lagsAtFullRate(own, () =>
      pgbench(
        source,
        'postgres',
        '-n',
        '-c',
        '4',
        '-T',
        String(Math.max(5, Math.round(20 * size.scale))),
      ),
    );
    return { rows: [...rows, lagRow(lags)], notCompared: [] };
  } finally {
    await source.close();
    await target.close();
  }
}

/** Of each way, by round. */
async function backlogs(
  ways: [Way, Way],
  { count, rounds }: { count: number; rounds: number },
  source: TestPostgres,
  target: TestPostgres,
  pgbench: Pgbench,
): Promise<[Run[], Run[]]> {
  const runs: [Run[], Run[]] = [[], []];
  const each = String(count / 4);
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ways) await way.keep();
    await pgbench(source, 'postgres', '-n', '-c', '4', '-t', each);
    for (const i of round % 2 ? ([1, 0] as const) : ([0, 1] as const)) {
      const [start, before] = [performance.now(), process.cpuUsage()];
      await ways[i].catchUp();
      const seconds = (performance.now() - start) / 1000;
      const { user, system } = process.cpuUsage(before);
      runs[i].push({ seconds, cpuSeconds: (user + system) / 1e6 });
      await checkEqual(ways[i], source, target);
    }
    for (const way of ways) await way.end();
  }
  return runs;
}

async function lagsAtFullRate(
  own: ReturnType<typeof portsync>,
  load: () => Promise<void>,
): Promise<number[]> {
  await own.keep();
  await own.catchUp();
  let running = true;
  const lags: number[] = [];
  const loading = load().finally(() => {
    running = false;
  });
  for (; running; await sleep(100)) {
    const lag = own.lagMs();
    if (lag !== null) lags.push(lag);
  }
  await loading;
  await own.end();
  return lags;
}

function backlogRows([own, peer]: [Run[], Run[]], count: number): Row[] {
  const metric = `follow: a backlog of ${count} pgbench transactions`;
  const peerName = 'PostgreSQL’s own subscription';
  const secondsOf = (runs: Run[]) => median(runs.map(({ seconds }) => seconds));
  const [ours, theirs] = [secondsOf(own), secondsOf(peer)];
  return [
    {
      ...{ metric, unit: 's', portsync: ours, peer: theirs, peerName },
      goal: { atMost: 0.67, of: 'ratio' },
    },
    {
      ...{ metric: `${metric}, each second`, unit: '/s', portsync: count / ours },
      ...{ peer: count / theirs, peerName, goal: null },
    },
    {
      ...{ metric: `${metric}, own CPU`, unit: 's', peer: null, peerName: null, goal: null },
      portsync: median(own.map(({ cpuSeconds }) => cpuSeconds)),
    },
  ];
}

function lagRow(lags: number[]): Row {
  return {
    ...{ metric: 'follow: lag at full rate, p95', unit: 'ms', portsync: quantile(lags, 0.95) },
    ...{ peer: null, peerName: null, goal: { atMost: 1000, of: 'value' } },
  };
}

async function checkEqual(way: Way, source: TestPostgres, target: TestPostgres): Promise<void> {
  const [here, there] = [
    await source.query(SUMS),
    await target.query(SUMS, { database: way.database }),
  ];
  if (JSON.stringify(here) !== JSON.stringify(there)) throw new Error(`${way.name}: not equal`);
}

function countsOf({ scale }: BenchSize): number[] {
  if (scale >= 1) return COUNTS;
  return COUNTS.slice(0, 1).map((count) => Math.max(FEWEST, 4 * Math.round((count * scale) / 4)));
}

function findPgbench(): Pgbench | null {
  const program = otherVersions()
    .map((dir) => `${dir}/pgbench`)
    .find(existsSync);
  if (!program) return null;
  return async (server, database, ...args) => {
    const { username, password, hostname, port } = new URL(server.url());
    const login = ['-h', hostname, '-p', port, '-U', username, database];
    await execa(program, [...args, ...login], {
      env: { PGPASSWORD: decodeURIComponent(password) },
    });
  };
}
