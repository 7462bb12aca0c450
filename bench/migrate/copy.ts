import { rowsOf } from '../../test/rig/checksums.ts';
import { cpuOfAll } from '../../test/rig/cpu.ts';
import { startPostgres, type TestPostgres } from '../../test/rig/postgres.ts';
import type { BenchResult, BenchSize } from '../migrate.ts';
import { median, type Row } from '../report.ts';
import { fillShop } from './data.ts';
import { findPeers, type Peer } from './peers.ts';
import { type CopyProgram, copyProgram } from './program.ts';

const SETTINGS = {
  shared_buffers: '512MB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  autovacuum: 'off',
};
const GOALS = { cpuPercent: 5, rssMb: 150 };

interface Own {
  seconds: number;
  /** Of all that the copy, and both servers for it, used. */
  cpuPercent: number;
  rssMb: number;
}

/** A whole copy into an empty server, statistics included: ours and the peers', in turn. */
export async function copyBench({ scale, rounds }: BenchSize): Promise<BenchResult> {
  const { peers, missing } = findPeers();
  const servers = await Promise.all([1, 2].map(() => startPostgres({ settings: SETTINGS })));
  const [source, target] = servers as [TestPostgres, TestPostgres];
  const program = await copyProgram();
  try {
    await source.query('create database shop');
    await fillShop(source.url({ database: 'shop' }), scale);
    const [size] = await source.query("select pg_database_size('shop')::float8 / 1e6 as mb");
    const own: Own[] = [];
    const theirs = new Map<Peer, number[]>(peers.map((peer) => [peer, []]));
    for (let round = 0; round < rounds; round += 1) {
      own.push(await runOwn(program, source, target, round === 0));
      for (const [peer, times] of theirs) times.push(await runPeer(peer, source, target));
    }
    return { rows: rowsFor(Number(size?.mb), own, theirs), notCompared: missing };
  } finally {
    await program.remove();
    for (const server of servers) await server.close();
  }
}

async function runOwn(
  program: CopyProgram,
  source: TestPostgres,
  target: TestPostgres,
  check: boolean,
): Promise<Own> {
  const [from, to] = await fresh(source, target);
  const before = cpuOfAll(source.pid) + cpuOfAll(target.pid);
  const start = performance.now();
  const { cpuMs, rssMb } = await program.run(from, to);
  const seconds = (performance.now() - start) / 1000;
  const servers = cpuOfAll(source.pid) + cpuOfAll(target.pid) - before;
  await source.query("select pg_drop_replication_slot('portsync_test')");
  if (check && JSON.stringify(await rowsOf(from)) !== JSON.stringify(await rowsOf(to))) {
    throw new Error('the copy is not equal');
  }
  return { seconds, rssMb, cpuPercent: (100 * cpuMs) / (cpuMs + servers) };
}

async function runPeer(peer: Peer, source: TestPostgres, target: TestPostgres): Promise<number> {
  const [from, to] = await fresh(source, target);
  const start = performance.now();
  peer.copy(from, to);
  return (performance.now() - start) / 1000;
}

/** What an earlier round left to be written must not be paid by the next one. */
async function fresh(source: TestPostgres, target: TestPostgres): Promise<[string, string]> {
  await target.query('drop database if exists shop with (force)');
  await target.query('create database shop');
  await target.query('checkpoint');
  await source.query('checkpoint');
  return [source.url({ database: 'shop' }), target.url({ database: 'shop' })];
}

function rowsFor(mb: number, own: readonly Own[], theirs: ReadonlyMap<Peer, number[]>): Row[] {
  const middle = (of: (run: Own) => number) => median(own.map(of));
  const metric = `PostgreSQL, copy of ${mb.toFixed(0)} MB`;
  const alone = { peer: null, peerName: null };
  const seconds = middle((run) => run.seconds);
  const beside = [...theirs].map(([{ name, goal }, times]) => ({
    ...{ metric: `${metric}, wall`, unit: 's', portsync: seconds, peer: median(times) },
    ...{ peerName: name, goal: { atMost: goal, of: 'ratio' as const } },
  }));
  const cost = (what: string, unit: string, portsync: number, atMost: number): Row => ({
    ...{ metric: `${metric}, ${what}`, unit, portsync, ...alone },
    goal: { atMost, of: 'value' },
  });
  const wall: Row = {
    metric: `${metric}, wall`,
    unit: 's',
    portsync: seconds,
    ...alone,
    goal: null,
  };
  return [
    ...(beside.length > 0 ? beside : [wall]),
    cost(
      'own CPU of all',
      '%',
      middle((run) => run.cpuPercent),
      GOALS.cpuPercent,
    ),
    cost('own memory', 'MB', Math.max(...own.map(({ rssMb }) => rssMb)), GOALS.rssMb),
  ];
}
