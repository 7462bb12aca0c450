import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { ExternalError } from '../../../errors.ts';
import { describeTarget, splitUrl } from '../../database/url.ts';
import { postgresError } from '../errors.ts';
import { attemptsFor } from '../options.ts';

const LIMIT_MS = 10 * 60_000;
const VERSION_LIMIT_MS = 10_000;
const MOST_BYTES = 512 * 1024 * 1024;
/** Where distributions put each major version's programs, beside the one on the PATH. */
const PLACES: Array<[folder: string, below: string]> = [
  ['/usr/lib/postgresql', 'bin'],
  ['/usr/pgsql', 'bin'],
  ['/opt/homebrew/opt', 'bin'],
];

export interface NativeDump {
  path: string;
  major: number;
}

/**
 * The pg_dump of this machine that fits a server: never older than the server, which it would
 * refuse, and otherwise as old as possible, so that it writes nothing newer than need be.
 */
export async function findPgDump(
  serverMajor: number,
  signal: AbortSignal,
): Promise<NativeDump | null> {
  const found = await Promise.all((await candidates()).map((path) => versionOf(path, signal)));
  return chooseDump(
    found.flatMap((each) => each ?? []),
    serverMajor,
  );
}

export function chooseDump(found: readonly NativeDump[], serverMajor: number): NativeDump | null {
  const able = found.filter(({ major }) => major >= serverMajor);
  return able.reduce<NativeDump | null>(
    (best, each) => (best === null || each.major < best.major ? each : best),
    null,
  );
}

/** Runs it on the first host of `url` that it reaches; the password goes by the environment. */
export async function runPgDump(
  { path }: NativeDump,
  args: readonly string[],
  url: string,
  signal: AbortSignal,
): Promise<string> {
  const env = libpqEnvironment(url);
  const limits = { cancelSignal: signal, timeout: LIMIT_MS, maxBuffer: MOST_BYTES } as const;
  const options = { env, ...limits, stdin: 'ignore', reject: false } as const;
  const { exitCode, stdout, stderr } = await execa(path, args, options);
  if (signal.aborted) throw postgresError(signal.reason, describeTarget(url).where);
  if (exitCode === 0) return stdout;
  throw dumpFailed(stderr);
}

export function dumpFailed(stderr: string, cause?: unknown): ExternalError {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return new ExternalError({
    code: 'schema-dump',
    message: 'pg_dump could not read the schema of the source.',
    why: lines.slice(-3).join(' ') || 'It was ended before it was done.',
    next: 'Mend what it says and start again: the role needs SELECT on every table and sequence.',
    cause,
  });
}

/** What libpq takes from the environment; parameters that only other drivers know are left out. */
export function libpqEnvironment(url: string): Record<string, string> {
  const query = new URLSearchParams(splitUrl(url).query);
  const hosts = attemptsFor(url).map(([first]) => first);
  const [first] = hosts;
  const mode = query.get('sslmode');
  const values: Record<string, string | null | undefined> = {
    PGHOST: hosts.map((each) => each?.host).join(','),
    PGPORT: hosts.map((each) => each?.port).join(','),
    PGUSER: first?.user,
    PGPASSWORD: first?.password,
    PGDATABASE: first?.database,
    PGOPTIONS: first?.options,
    PGSSLMODE: mode === 'no-verify' ? 'require' : mode,
    PGSSLCERT: query.get('sslcert'),
    PGSSLKEY: query.get('sslkey'),
    PGSSLROOTCERT: query.get('sslrootcert'),
    PGTARGETSESSIONATTRS: query.get('target_session_attrs'),
  };
  return Object.fromEntries(Object.entries(values).flatMap(([k, v]) => (v ? [[k, v]] : [])));
}

async function candidates(): Promise<string[]> {
  const installed = await Promise.all(
    PLACES.map(async ([folder, below]) => {
      const versions = await readdir(folder).catch(() => []);
      return versions.map((version) => join(folder, version, below, 'pg_dump'));
    }),
  );
  return ['pg_dump', ...installed.flat()];
}

async function versionOf(path: string, signal: AbortSignal): Promise<NativeDump | null> {
  const options = { reject: false, cancelSignal: signal, timeout: VERSION_LIMIT_MS } as const;
  const { stdout } = await execa(path, ['--version'], options);
  const major = /pg_dump \(PostgreSQL\) (\d+)/.exec(String(stdout ?? ''))?.[1];
  return major ? { path, major: Number(major) } : null;
}
