import { cpus } from 'node:os';
import { UsageError } from '../errors.ts';
import type { DatabaseKind } from '../model/database.ts';
import type { HostOptions } from '../services/lab/host/messages.ts';
import { note, printResult, runCommand } from './output.ts';
import { confirm } from './prompt.ts';

/** As commander gives them. */
export interface LabCommandOptions {
  /** One line of JSON when ready, and no dashboard. */
  headless?: boolean;
  /** Kept, and started again another time. */
  dir?: string;
  /** `postgres` (default) or `mongo`. */
  db?: string;
  /** Requests per second; default 20, 0 for none. */
  traffic?: string;
  /** Web replicas; default 3. */
  replicas?: string;
  /** Fetch the database binaries without asking. */
  yes?: boolean;
}

const SPIKE_PER_SECOND = 300;
const SPIKE_PER_SECOND_AND_CORE = 150;

/** `openDashboard` resolves when the person leaves it. */
export async function lab(
  options: LabCommandOptions,
  openDashboard: (projectDir: string) => Promise<void>,
): Promise<void> {
  await runCommand({}, async (signal) => {
    const settings = parse(options);
    if (!options.headless) requireTerminal();
    await fetchMissing(settings.db, options.yes ?? false, signal);
    if (options.headless) await runHeadless(settings);
    else await runWithDashboard(settings, openDashboard, signal);
    return undefined;
  });
}

async function runHeadless(settings: HostOptions): Promise<void> {
  const { runLab } = await import('../services/lab/host/run.ts');
  await runLab({ ...settings, progress: note }, printResult);
}

async function runWithDashboard(
  settings: HostOptions,
  openDashboard: (projectDir: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { spawnLab } = await import('../services/lab/host/spawn.ts');
  const host = await spawnLab(settings, note, signal);
  try {
    await openDashboard(host.info.project);
  } finally {
    note('Ending the lab');
    await host.stop();
  }
}

async function fetchMissing(db: DatabaseKind, yes: boolean, signal: AbortSignal): Promise<void> {
  if (db !== 'postgres') return;
  const binaries = await import('../services/lab/servers/postgres-binaries.ts');
  if (await binaries.findPostgres()) return;
  const command = binaries.fetchCommand().join(' ');
  note(`The lab needs PostgreSQL's binaries (24 MB). This fetches them once:\n  ${command}`);
  await confirm('Fetch them now?', yes, signal);
  await binaries.fetchPostgres(signal);
}

function parse({ dir, db = 'postgres', traffic, replicas }: LabCommandOptions): HostOptions {
  if (db !== 'postgres' && db !== 'mongo') {
    throw wrong('--db', db, 'It is postgres or mongo.');
  }
  return {
    dir: dir ?? null,
    db,
    app: null,
    replicas: count('--replicas', replicas, 3, { min: 1, max: 50 }),
    traffic: count('--traffic', traffic, 20, { min: 0, max: 10_000 }),
    spikeTraffic: Math.min(SPIKE_PER_SECOND, SPIKE_PER_SECOND_AND_CORE * cpus().length),
  };
}

function count(
  option: string,
  text: string | undefined,
  otherwise: number,
  { min, max }: { min: number; max: number },
): number {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw wrong(option, text ?? '', `It is a number from ${min} to ${max}.`);
}

function wrong(option: string, value: string, why: string): UsageError {
  return new UsageError({
    code: 'usage',
    message: `${option} cannot be “${value}”.`,
    why,
    next: 'portsync lab --help shows what it takes.',
  });
}

function requireTerminal(): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw new UsageError({
    code: 'no-terminal',
    message: 'The lab was not started.',
    why: 'Its dashboard needs a terminal, and there is none.',
    next: 'Without a dashboard: portsync lab --headless',
  });
}
