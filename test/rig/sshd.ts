import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Need } from './needs.ts';
import { until } from './until.ts';

const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find(existsSync);

export const sshdNeed: Need = {
  name: 'sshd',
  missing: SSHD ? null : 'apt-get install openssh-server',
};

export const keygenNeed: Need = {
  name: 'ssh-keygen',
  missing:
    spawnSync('ssh-keygen', ['-?']).error === undefined ? null : 'apt-get install openssh-client',
};

export interface SshdOptions {
  hostKeyTypes?: Array<'ed25519' | 'ecdsa' | 'rsa'>;
  /** Further lines of sshd_config; the first value of a setting counts. */
  settings?: string[];
}

/** A real sshd on 127.0.0.1, for the user the tests run as. */
export interface Sshd {
  port: number;
  user: string;
  /** user@127.0.0.1:port */
  address: string;
  /** Everything it owns; tests may put files here. */
  dir: string;
  /** A private key that it lets in, without a passphrase. */
  clientKey: string;
  /** Its host keys as lines of known_hosts, for `name`, by default `[127.0.0.1]:port`. */
  knownHosts(name?: string): Promise<string>;
  /** Lets another private key in; answers its file. */
  addKey(name: string, passphrase: string): Promise<string>;
  start(): Promise<void>;
  /** No new connections; those that are open go on. */
  stop(): Promise<void>;
  /** As if the machine had gone: sshd and every connection are killed. */
  crash(): Promise<void>;
  /** As if its network were cut: everything stays open, nothing answers. */
  freeze(): void;
  thaw(): void;
  /** New host keys, as after a reinstallation. Counts from the next start. */
  newHostKeys(): Promise<void>;
  remove(): Promise<void>;
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const dir = await mkdtemp(join(tmpdir(), 'portsync-sshd-'));
  const port = await freePort();
  const user = userInfo().username;
  const types = options.hostKeyTypes ?? ['ed25519'];
  const authorized = join(dir, 'authorized_keys');
  let child: ReturnType<typeof spawn> | null = null;

  const hostKey = (type: string) => join(dir, `host_${type}`);
  const newHostKeys = async () => {
    for (const type of types) {
      await rm(hostKey(type), { force: true });
      keygen(hostKey(type), type, '');
    }
  };
  const addKey = async (name: string, passphrase: string) => {
    const file = join(dir, name);
    keygen(file, 'ed25519', passphrase);
    const known = await readFile(authorized, 'utf8').catch(() => '');
    const added = await readFile(`${file}.pub`, 'utf8');
    await writeFile(authorized, known + added, { mode: 0o600 });
    return file;
  };
  const start = async () => {
    const config = join(dir, 'sshd_config');
    await writeFile(config, settings(dir, port, types.map(hostKey), options.settings ?? []));
    // sshd checks that it is called by its full path, to start itself again for each connection.
    child = spawn(SSHD ?? 'sshd', ['-D', '-e', '-f', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    child.stderr?.on('data', (chunk) => {
      log += chunk;
    });
    await until(() => log.includes('Server listening on') || child?.exitCode !== null);
    if (child.exitCode !== null) throw new Error(`sshd did not start: ${log}`);
  };
  const end = async (pids: number[]) => {
    const ended = child;
    child = null;
    for (const pid of pids) sendQuietly(pid, 'SIGKILL');
    if (ended) await until(() => ended.exitCode !== null || ended.signalCode !== null);
  };
  const stop = () => end(child?.pid ? [child.pid] : []);
  const signalAll = (signal: NodeJS.Signals) => {
    for (const pid of child?.pid ? familyOf(child.pid) : []) sendQuietly(pid, signal);
  };
  const crash = () => end(child?.pid ? familyOf(child.pid) : []);

  await newHostKeys();
  const clientKey = await addKey('client', '');
  await start();
  return {
    port,
    user,
    address: `${user}@127.0.0.1:${port}`,
    dir,
    clientKey,
    async knownHosts(name = `[127.0.0.1]:${port}`) {
      const keys = types.map((type) => readFile(`${hostKey(type)}.pub`, 'utf8'));
      return (await Promise.all(keys)).map((key) => `${name} ${key.trim()}\n`).join('');
    },
    addKey,
    start,
    stop,
    crash,
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    newHostKeys,
    async remove() {
      await crash();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function settings(dir: string, port: number, hostKeys: string[], more: string[]): string {
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeys.map((file) => `HostKey ${file}`),
    `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
    ...more,
    // The start-up files of the user's shell are slow and may lock things: tests kill shells.
    `SetEnv HOME=${dir}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    'MaxStartups 100',
    'LogLevel INFO',
    'Subsystem sftp internal-sftp',
  ];
  // Newer servers shut out an address that failed to log in, and tests do that on purpose.
  const patient = [...lines, 'PerSourcePenalties no'];
  return `${(accepts(patient) ? patient : lines).join('\n')}\n`;
}

function accepts(lines: string[]): boolean {
  if (process.getuid?.() === 0 && !existsSync('/run/sshd')) {
    execFileSync('mkdir', ['-p', '-m', '0755', '/run/sshd']);
  }
  return (
    spawnSync(SSHD ?? 'sshd', ['-t', '-f', '/dev/stdin'], { input: lines.join('\n') }).status === 0
  );
}

function keygen(file: string, type: string, passphrase: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'rig', '-f', file]);
}

function sendQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Already gone.
  }
}

/** `root` and all that descends from it: each connection of sshd is a process of its own. */
function familyOf(root: number): number[] {
  const rows = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n');
  const parents = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const family = [root];
  for (const member of family) {
    family.push(...parents.flatMap(([pid, parent]) => (parent === member && pid ? [pid] : [])));
  }
  return family;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
