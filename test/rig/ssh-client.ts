import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSsh, type SshOptions } from '../../src/services/ssh/executor.ts';
import type { Sshd } from './sshd.ts';

export interface SshClient {
  /** A home directory of its own, which is the project directory, too. */
  home: string;
  options: SshOptions;
  config(text: string): Promise<void>;
  knownHosts(text: string): Promise<void>;
  remove(): Promise<void>;
}

/** A user who has no keys, no agent, and has never met any host. */
export async function sshClient(): Promise<SshClient> {
  const home = await mkdtemp(join(tmpdir(), 'portsync-home-'));
  const write = (name: string, text: string) => writeFile(join(home, '.ssh', name), text);
  await mkdir(join(home, '.ssh'));
  await write('config', '');
  const configFile = join(home, '.ssh/config');
  return {
    home,
    options: { projectDir: home, home, configFile, agentSocket: null, connectTimeoutMs: 10_000 },
    config: (text) => write('config', text),
    knownHosts: (text) => write('known_hosts', text),
    remove: () => rm(home, { recursive: true, force: true }),
  };
}

/** A user whom `sshd` lets in and who knows its key. */
export async function friendOf(sshd: Sshd): Promise<SshClient> {
  const client = await sshClient();
  await client.config(`IdentityFile ${sshd.clientKey}\n`);
  await client.knownHosts(await sshd.knownHosts());
  return client;
}

export function connectTo(sshd: Sshd, client: SshClient, more: Partial<SshOptions> = {}) {
  return openSsh(sshd.address, { ...client.options, ...more });
}
