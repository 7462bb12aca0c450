import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type Lab, openLab } from '../../src/services/lab/client.ts';
import type { LabInfo } from '../../src/services/lab/control/calls.ts';
import { auditBank, BankWriter, openBank } from '../../test/rig/bank.ts';
import { findProgram } from '../../test/rig/programs.ts';
import type { Figures, Place, Round } from './round.ts';

const WRITERS = 2;
const CLI = fileURLToPath(new URL('../../bin/portsync.js', import.meta.url));
const pgbench = findProgram('pgbench') ?? '/usr/lib/postgresql/15/bin/pgbench';

/** A lab for each round, with pgbench and two writers straight on its database. */
export async function openLabs(perSecond: number): Promise<Place> {
  return { round: () => oneRound(perSecond), close: async () => {} };
}

async function oneRound(perSecond: number): Promise<Round> {
  const lab = await startBundledLab(perSecond);
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
async function startBundledLab(perSecond: number): Promise<BundledLab> {
  const args = [CLI, 'lab', '--headless', '--traffic', String(perSecond)];
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
