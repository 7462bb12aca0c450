import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type EngineAddress, parseAddress, type TlsSource } from './address.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The engine that the docker command would talk to; null for the machine's own. */
export async function chosenEngine(env: Environment): Promise<EngineAddress | null> {
  if (env.DOCKER_HOST) return parseAddress(env.DOCKER_HOST, tlsOf(env));
  const dir = configDir(env);
  const config = await readJson<{ currentContext?: string }>(join(dir, 'config.json'));
  const name = env.DOCKER_CONTEXT || config?.currentContext;
  return name && name !== 'default' ? contextEngine(dir, name) : null;
}

/** Its files are in directories named by the hash of its name. */
async function contextEngine(dir: string, name: string): Promise<EngineAddress> {
  const hash = createHash('sha256').update(name).digest('hex');
  const meta = await readJson<ContextMeta>(join(dir, 'contexts', 'meta', hash, 'meta.json'));
  const docker = meta?.Endpoints?.docker;
  if (!docker?.Host) return { kind: 'unusable', text: `docker context ${name}` };
  const tlsDir = join(dir, 'contexts', 'tls', hash, 'docker');
  const secured = (await readFile(join(tlsDir, 'ca.pem')).catch(() => null)) !== null;
  const verify = docker.SkipTLSVerify !== true;
  return parseAddress(docker.Host, secured || !verify ? { dir: tlsDir, verify } : null);
}

interface ContextMeta {
  Endpoints?: { docker?: { Host?: string; SkipTLSVerify?: boolean } };
}

function tlsOf(env: Environment): TlsSource | null {
  if (!env.DOCKER_TLS_VERIFY && !env.DOCKER_TLS) return null;
  const dir = env.DOCKER_CERT_PATH || configDir(env);
  return { dir, verify: Boolean(env.DOCKER_TLS_VERIFY) };
}

function configDir(env: Environment): string {
  return env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker');
}

async function readJson<T>(file: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch {
    return null;
  }
}
