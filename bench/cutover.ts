import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { type Lab, openLab } from '../src/services/lab/client.ts';
import type { LabInfo } from '../src/services/lab/control/calls.ts';
import { auditBank, BankWriter, openBank } from '../test/rig/bank.ts';
import { findProgram } from '../test/rig/programs.ts';
import { median, quantile, type Row, report } from './report.ts';

// How long requests wait while the database under them is exchanged, there and back, with writers on
// the app and straight on the database. `npm run bench:cutover -- postgres`. No peer moves an app.

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' } },
  allowPositionals: true,
});
const ROUNDS = values.quick ? 3 : 20;
const PER_SECOND = 500;
const WRITERS = 2;
const CLI = fileURLToPath(new URL('../bin/portsync.js', import.meta.url));
const pgbench = findProgram('pgbench') ?? '/usr/lib/postgresql/15/bin/pgbench';

interface Figures {
  heldMs: number;
  heldRequests: number;
  failedRequests: number;
}

interface Round {
  forward: Figures;
  back: Figures;
  /** Requests that were not answered, during the whole round, and why. */
  failed: number;
  failedBy: Record<string, number>;
  sent: number;
  /** Writes that are missing or doubled, in words. */
  wrong: string[];
}

const rounds: Round[] = [];
for (let number = 1; number <= ROUNDS; number += 1) {
  const round = await oneRound();
  rounds.push(round);
  const { forward, back, failed, failedBy, sent, wrong } = round;
  console.log(
    `${number}: held ${forward.heldMs} ms there (${forward.heldRequests} waited), ${back.heldMs} ms back, ` +
      `${failed} of ${sent} failed, ${wrong.length} writes wrong`,
  );
  for (const [reason, count] of Object.entries(failedBy)) console.log(`   ${count} × ${reason}`);
  for (const each of wrong) console.log(`   ${each}`);
}
report([...rowsOf('forward'), ...rowsOf('back'), ...totals()], [], values.json ?? false);

async function oneRound(): Promise<Round> {
  const lab = await startBundledLab();
  const { database, target } = lab.info;
  const writers = Array.from(
    { length: WRITERS },
    (_, at) => new BankWriter(`writer ${at}`, [database, target]),
  );
  await openBank(database);
  const straight = await startPgbench(database);
  for (const writer of writers) writer.start();
  try {
    await portsync(lab, [target, '--yes', '--hold-cutover']);
    const forward = await portsync(lab, ['cutover', '--yes']);
    await sleep(2000);
    const back = await portsync(lab, ['back', '--yes']);
    await sleep(1000);
    await Promise.all(writers.map((writer) => writer.stop()));
    const { failed, failedBy, sent } = await lab.lab.figures(AbortSignal.timeout(10_000));
    const checks = await Promise.all(writers.map((writer) => writer.check(database)));
    const wrong = [...checks.flat(), ...(await auditBank(database))];
    return { forward, back, failed, failedBy, sent, wrong };
  } finally {
    straight?.kill();
    await Promise.all(writers.map((writer) => writer.stop()));
    await portsync(lab, ['finish', '--yes']).catch(() => {});
    await lab.stop();
  }
}

interface BundledLab {
  info: LabInfo;
  lab: Lab;
  stop(): Promise<void>;
}

/** As a user starts it: from source, each replica would first compile itself under the load. */
async function startBundledLab(): Promise<BundledLab> {
  const args = [CLI, 'lab', '--headless', '--traffic', String(PER_SECOND)];
  const child = execa(process.execPath, args, { stderr: 'ignore', buffer: false });
  const [line = ''] = await once(createInterface({ input: child.stdout }), 'line');
  const info: LabInfo = JSON.parse(line);
  const lab = await openLab(info.project);
  if (!lab) throw new Error('The lab ended at once.');
  const stop = async () => {
    child.kill();
    await child.catch(() => {});
  };
  return { info, lab, stop };
}

/** Null where it is not installed. It ends by itself when the database refuses its writes. */
async function startPgbench(url: string): Promise<ChildProcess | null> {
  try {
    await execa(pgbench, ['-i', '-q', '-s', '1', url]);
  } catch {
    return null;
  }
  return spawn(pgbench, ['-n', '-c', '2', '-R', '100', '-T', '600', url], { stdio: 'ignore' });
}

async function portsync(lab: BundledLab, args: string[]): Promise<Figures> {
  const { project } = lab.info;
  const all = [CLI, 'migrate', ...args, '--json', '--project', project];
  const { stdout } = await execa(process.execPath, all);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
}

function rowsOf(way: 'forward' | 'back'): Row[] {
  const held = rounds.map((round) => round[way].heldMs);
  const plain = { peer: null, peerName: null };
  return [
    {
      metric: `pause ${way}, p50 of ${ROUNDS}`,
      unit: 'ms',
      portsync: median(held),
      ...plain,
      goal: { atMost: 500, of: 'value' },
    },
    {
      metric: `pause ${way}, longest`,
      unit: 'ms',
      portsync: quantile(held, 1),
      ...plain,
      goal: { atMost: 1000, of: 'value' },
    },
  ];
}

function totals(): Row[] {
  const sum = (of: (round: Round) => number) =>
    rounds.map(of).reduce((total, each) => total + each, 0);
  const row = (metric: string, portsync: number): Row => ({
    metric,
    unit: '',
    portsync,
    peer: null,
    peerName: null,
    goal: { atMost: 0, of: 'value' },
  });
  return [
    row(
      `requests failed of ${sum(({ sent }) => sent)}`,
      sum(({ failed }) => failed),
    ),
    row(
      'writes lost or doubled',
      sum(({ wrong }) => wrong.length),
    ),
  ];
}
