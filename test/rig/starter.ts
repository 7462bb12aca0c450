import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { freePort } from '../../src/services/lab/machine/ports.ts';
import { until } from './until.ts';

const SOURCE = fileURLToPath(new URL('../../starter', import.meta.url));
const SECRET = 'a secret for tests only, of a good length';
const START_LIMIT_MS = 60_000;
const BUILT = /^(node_modules|\.next|next-env\.d\.ts|.*\.tsbuildinfo)$/;

/**
 * The starter app, built as its Dockerfile does; kept by the hash of its sources, so that only a
 * change is built anew. @returns the directory of the standalone server
 */
export async function buildStarter(): Promise<string> {
  const dir = join(tmpdir(), `portsync-starter-${await hashOf(SOURCE)}`);
  const standalone = join(dir, '.next', 'standalone');
  if (await exists(standalone)) return standalone;
  const making = await copyOfSources(`${dir}.${process.pid}`);
  const env = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: '' };
  await execa('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: making, env });
  await execa('npm', ['run', 'build'], { cwd: making, env: { ...env, NODE_ENV: 'production' } });
  await cp(join(making, '.next/static'), join(making, '.next/standalone/.next/static'), {
    recursive: true,
  });
  await cp(join(making, 'public'), join(making, '.next/standalone/public'), { recursive: true });
  await rm(dir, { recursive: true, force: true });
  await rename(making, dir);
  return standalone;
}

/** One replica of it. */
export interface StarterReplica {
  url: string;
  /** Asks it to go, and resolves with its exit code. */
  stop(): Promise<number | undefined>;
}

export async function startStarter(
  standalone: string,
  { name = 'web.1', ...settings }: { name?: string; DATABASE_URL: string; [key: string]: string },
): Promise<StarterReplica> {
  const port = await freePort();
  const child = execa(process.execPath, ['server.js'], {
    cwd: standalone,
    env: {
      PATH: process.env.PATH ?? '',
      NODE_ENV: 'production',
      PORT: String(port),
      HOSTNAME: '127.0.0.1',
      JWT_SECRET: SECRET,
      PORTSYNC_REPLICA: name,
      ...settings,
    },
    extendEnv: false,
    reject: false,
    all: true,
  });
  const url = `http://127.0.0.1:${port}`;
  const ready = async () => {
    if (child.exitCode !== null) throw new Error(`The starter exited: ${(await child).all}`);
    const { status } = await fetch(`${url}/api/ready`).catch(() => ({ status: 0 }));
    return status === 200;
  };
  try {
    await until(ready, START_LIMIT_MS, `${name} is ready`);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${(error as Error).message}: ${(await child).all?.slice(-2000)}`);
  }
  const stop = async () => {
    child.kill('SIGTERM');
    return (await child).exitCode;
  };
  return { url, stop };
}

async function copyOfSources(dir: string): Promise<string> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  for (const name of await readdir(SOURCE)) {
    if (!BUILT.test(name)) await cp(join(SOURCE, name), join(dir, name), { recursive: true });
  }
  return dir;
}

async function hashOf(dir: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(dir)).sort()) {
    if (BUILT.test(name)) continue;
    const path = join(dir, name);
    const content = (await stat(path)).isDirectory() ? await hashOf(path) : await readFile(path);
    hash.update(name).update(content);
  }
  return hash.digest('hex').slice(0, 12);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
