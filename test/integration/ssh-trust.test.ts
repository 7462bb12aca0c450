import { execFileSync, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Executor } from '../../src/ports/executor.ts';
import type { SshOptions } from '../../src/services/ssh/executor.ts';
import { HostKeyUnknownError } from '../../src/services/ssh/host-key.ts';
import { pinHostKey } from '../../src/services/ssh/pin.ts';
import { describeWith } from '../rig/needs.ts';
import { runs } from '../rig/processes.ts';
import { connectTo, friendOf, type SshClient, sshClient } from '../rig/ssh-client.ts';
import { type Sshd, sshdNeed, startSshd } from '../rig/sshd.ts';
import { until } from '../rig/until.ts';

const limits = { signal: new AbortController().signal, timeoutMs: 30_000 };
const hello = async (machine: Executor) => (await machine.run(['echo', 'hello'], limits)).stdout;

// What a test opens is closed after it, last opened first.
const opened: Array<() => Promise<unknown>> = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function rig(options: Parameters<typeof startSshd>[0] = {}): Promise<Sshd> {
  const sshd = await startSshd(options);
  opened.push(() => sshd.remove());
  return sshd;
}

async function stranger(): Promise<SshClient> {
  const client = await sshClient();
  opened.push(() => client.remove());
  return client;
}

async function friend(sshd: Sshd): Promise<SshClient> {
  const client = await friendOf(sshd);
  opened.push(() => client.remove());
  return client;
}

function open(sshd: Sshd, client: SshClient, more: Partial<SshOptions> = {}): Executor {
  const machine = connectTo(sshd, client, more);
  opened.push(() => machine.close());
  return machine;
}

async function agent(dir: string, keys: string[]): Promise<string> {
  const socket = join(dir, 'agent.sock');
  const process = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  opened.push(async () => process.kill());
  const env = { PATH: '/usr/bin:/bin', SSH_AUTH_SOCK: socket };
  await until(() => {
    try {
      for (const key of keys) execFileSync('ssh-add', ['-q', key], { env, stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
  return socket;
}

describeWith(sshdNeed, 'the host key of a machine', () => {
  it('is shown when it is unknown, and trusted as soon as it is pinned', async () => {
    const sshd = await rig();
    const client = await friend(sshd);
    await client.knownHosts('');
    const machine = open(sshd, client);
    const error = await hello(machine).catch((thrown: unknown) => thrown);
    if (!(error instanceof HostKeyUnknownError)) throw error;
    const printed = execFileSync('ssh-keygen', ['-l', '-f', join(sshd.dir, 'host_ed25519.pub')]);
    expect(printed.toString()).toContain(error.hostKey.fingerprint);
    expect(error.hostKey).toMatchObject({
      host: `[127.0.0.1]:${sshd.port}`,
      type: 'ssh-ed25519',
    });
    await expect(hello(machine)).rejects.toMatchObject({ code: 'host-key-unknown' });
    await pinHostKey(client.home, error.hostKey);
    expect(await hello(machine)).toBe('hello\n');
  });

  it('is found under a hashed name', async () => {
    const sshd = await rig();
    const client = await friend(sshd);
    const file = join(client.home, '.ssh/known_hosts');
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
    expect(await readFile(file, 'utf8')).toMatch(/^\|1\|/);
    expect(await hello(open(sshd, client))).toBe('hello\n');
  });

  it('is asked for by the type that is known', async () => {
    const sshd = await rig({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] });
    const lines = (await sshd.knownHosts()).split('\n').filter((line) => line !== '');
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const client = await friend(sshd);
      await client.knownHosts(`${line}\n`);
      expect(await hello(open(sshd, client))).toBe('hello\n');
    }
  });

  it('stops everything when it has changed, also for what is open already', async () => {
    const sshd = await rig();
    const machine = open(sshd, await friend(sshd));
    expect(await hello(machine)).toBe('hello\n');
    await sshd.crash();
    await sshd.newHostKeys();
    await sshd.start();
    for (const _ of [1, 2]) {
      await expect(hello(machine)).rejects.toMatchObject({
        code: 'host-key-changed',
        next: expect.stringContaining('ssh-keygen -f'),
      });
    }
  });

  it('stops everything when it is revoked', async () => {
    const sshd = await rig();
    const client = await friend(sshd);
    const known = await sshd.knownHosts();
    await client.knownHosts(`${known}@revoked ${await sshd.knownHosts('*')}`);
    await expect(hello(open(sshd, client))).rejects.toMatchObject({ code: 'host-key-revoked' });
  });
});

describeWith(sshdNeed, 'the login on a machine', () => {
  let sshd: Sshd;
  let client: SshClient;
  beforeEach(async () => {
    sshd = await rig();
    client = await stranger();
    await client.knownHosts(await sshd.knownHosts());
  });

  it('works with the agent alone', async () => {
    const agentSocket = await agent(client.home, [sshd.clientKey]);
    expect(await hello(open(sshd, client, { agentSocket }))).toBe('hello\n');
  });

  it('offers the right one of many agent keys, where a server counts wrong ones', async () => {
    const wrong = Array.from({ length: 8 }, (_, at) => join(client.home, `wrong${at}`));
    for (const file of wrong)
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    const agentSocket = await agent(client.home, [...wrong, sshd.clientKey]);
    await expect(hello(open(sshd, client, { agentSocket }))).rejects.toMatchObject({
      code: 'ssh-auth-failed',
      next: expect.stringContaining('IdentitiesOnly'),
    });
    await client.config(`IdentityFile ${sshd.clientKey}\nIdentitiesOnly yes\n`);
    expect(await hello(open(sshd, client, { agentSocket }))).toBe('hello\n');
  });

  it('asks for a passphrase, again when it was wrong, and never twice for one key', async () => {
    const locked = await sshd.addKey('locked', 'open sesame');
    await client.config(`IdentityFile ${locked}\n`);
    const asked: string[] = [];
    const passphrase = async (file: string, again: boolean) => {
      asked.push(`${file} ${again}`);
      return again ? 'open sesame' : 'wrong';
    };
    const machine = open(sshd, client, { passphrase });
    expect(await hello(machine)).toBe('hello\n');
    expect(asked).toEqual([`${locked} false`, `${locked} true`]);
    await sshd.crash();
    await sshd.start();
    expect(await hello(machine)).toBe('hello\n');
    expect(asked).toHaveLength(2);
  });

  it('says what it tried when nothing fits, and does not knock again at once', async () => {
    const wrong = join(client.home, 'wrong');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', wrong]);
    const locked = await sshd.addKey('locked', 'open sesame');
    const broken = join(client.home, 'broken');
    await writeFile(broken, 'no key');
    const files = [wrong, locked, broken, join(client.home, 'gone')];
    await client.config(files.map((file) => `IdentityFile ${file}\n`).join(''));
    const machine = open(sshd, client, { passphrase: async () => null });
    const error = await hello(machine).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ssh-auth-failed' });
    const { why } = error as { why: string };
    expect(why).toContain('It accepts publickey');
    expect(why).toContain(`Refused: ${wrong}.`);
    expect(why).toContain(`${locked}: no passphrase was given`);
    expect(why).toContain(`${files[3]}: not there`);
    expect(why).not.toContain('sesame');
    await client.config(`IdentityFile ${sshd.clientKey}\n`);
    expect(await hello(machine).catch((thrown: unknown) => thrown)).toBe(error);
    expect(await hello(open(sshd, client))).toBe('hello\n');
  });
});

describeWith(sshdNeed, 'the way to a machine', () => {
  it('leads through another one, as the configuration says', async () => {
    const [hop, target] = [await rig(), await rig()];
    const client = await friend(hop);
    await client.knownHosts((await hop.knownHosts()) + (await target.knownHosts('inner')));
    await client.config(`
Host inner
  HostName 127.0.0.1
  Port ${target.port}
  IdentityFile ${target.clientKey}
  HostKeyAlias inner
  ProxyJump outer
Host outer
  HostName 127.0.0.1
  Port ${hop.port}
  IdentityFile ${hop.clientKey}
`);
    const machine = connectTo({ ...target, address: 'inner' }, client);
    opened.push(() => machine.close());
    expect(machine.address).toBe(target.address);
    expect(await hello(machine)).toBe('hello\n');
    const mark = `through-${process.pid}`;
    const command = ['sh', '-c', 'sleep 20; exit', mark];
    const waiting = expect(machine.run(command, limits)).rejects.toMatchObject({
      code: 'ssh-lost',
    });
    await until(() => runs(mark));
    await hop.crash();
    await waiting;
    await expect(hello(machine)).rejects.toMatchObject({
      code: 'ssh-refused',
      message: expect.stringContaining(String(hop.port)),
    });
    await target.crash();
    await hop.start();
    await until(async () => {
      const code = await hello(machine).catch((error: { code: string }) => error.code);
      return code === 'ssh-jump-failed';
    });
    await target.start();
    await until(async () => (await hello(machine).catch(() => '')) === 'hello\n');
  });
});
