import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Dockerode from 'dockerode';
import { importBusybox } from './engine/image.ts';
import { freeNet, makeNamespace, namespaceFile, namespaceOf } from './engine/namespace.ts';
import { cutPower, PREFIX, removeAbandoned, removeEngine, stopEngine } from './engine/remove.ts';
import { type MachineSize, makeSmallMachine } from './engine/small-machine.ts';
import type { Need } from './needs.ts';
import { findProgram } from './programs.ts';
import { mount } from './small-disk.ts';

/** What the image of the rig is called; its commands are busybox's. */
export const IMAGE = 'box';

export const dockerEngine: Need = { name: 'a Docker engine of its own', missing: missing() };

/** A throw-away engine with its own data, its own bridge, and nothing of the machine's. */
export interface EngineRig {
  /** Its files. */
  dir: string;
  socket: string;
  docker: Dockerode;
  /** Where it keeps images and containers. */
  data: string;
  /** Where published ports are reached; null where the engine shares this machine's network. */
  address: string | null;
  /** Its network namespace. */
  namespace: string | null;
  /** Put before a command, it makes that one of the engine's machine, where this is a small one. */
  beside: readonly string[];
  /** Starts a container of the rig's image and answers its id. */
  run(name: string, shell: string, options?: ContainerOptions): Promise<string>;
  /** Its process only, as a crash would; containers are left to themselves. */
  kill(): Promise<void>;
  /** It and all that runs in it end at once. */
  cutPower(): Promise<void>;
  start(): Promise<void>;
  /** Freezes its process, which then accepts connections and answers none. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  close(): Promise<void>;
}

export type ContainerOptions = Omit<Dockerode.ContainerCreateOptions, 'name' | 'Image' | 'Cmd'>;

interface EngineOptions {
  /** A network namespace of its own: a swarm takes ports and names of which a machine has one. */
  ownNetwork?: boolean;
  /** Of less than this machine has. */
  size?: MachineSize;
  /** A disk of its own for images and containers, of this size: like `3g`. */
  disk?: string;
}

/** `flags` go to dockerd as they are. */
export async function startEngine(
  flags: readonly string[] = [],
  { ownNetwork = false, size, disk }: EngineOptions = {},
): Promise<EngineRig> {
  await removeAbandoned();
  const dir = await mkdtemp(join(tmpdir(), PREFIX));
  await writeFile(join(dir, 'owner'), await ownerText());
  const socket = join(dir, 'docker.sock');
  const docker = new Dockerode({ socketPath: socket });
  const rig: EngineRig = {
    dir,
    socket,
    docker,
    data: join(dir, 'data'),
    address: null,
    namespace: null,
    beside: [],
    async run(name, shell, options = {}) {
      const Cmd = ['sh', '-c', shell];
      const container = await docker.createContainer({ name, Image: IMAGE, Cmd, ...options });
      await container.start();
      return container.id;
    },
    kill: () => stopEngine(dir),
    cutPower: () => cutPower(dir),
    start: () => run(dir, rig, flags),
    freeze: () => send(dir, 'SIGSTOP'),
    thaw: () => send(dir, 'SIGCONT'),
    close: () => removeEngine(dir),
  };
  try {
    await mkdir(rig.data);
    if (disk) mount(rig.data, disk);
    if (ownNetwork) {
      rig.address = await makeNamespace(dir);
      rig.namespace = await namespaceOf(dir);
    } else await writeFile(join(dir, 'bridge'), makeBridge());
    if (size) rig.beside = await makeSmallMachine(dir, size);
    await rig.start();
    await importBusybox(docker, join(dir, 'image'), IMAGE);
    return rig;
  } catch (error) {
    await rig.close();
    throw error;
  }
}

async function run(
  dir: string,
  { socket, docker, beside }: EngineRig,
  flags: readonly string[],
): Promise<void> {
  await writeFile(join(dir, 'daemon.json'), '{}');
  const log = await open(join(dir, 'log'), 'a');
  const own = {
    'config-file': join(dir, 'daemon.json'),
    'data-root': join(dir, 'data'),
    'exec-root': join(dir, 'exec'),
    pidfile: join(dir, 'pid'),
    host: `unix://${socket}`,
    // Nested on purpose: a container's group is not where one would guess.
    'cgroup-parent': `/${dir.split('/').pop()}/inner`,
  };
  const namespace = await namespaceOf(dir);
  const network = namespace ? {} : await machineNetwork(dir);
  const named = Object.entries({ ...own, ...network }).map(([flag, value]) => `--${flag}=${value}`);
  const inside = namespace ? ['nsenter', `--net=${namespaceFile(namespace)}`] : [];
  const [program = '', ...args] = [...inside, ...beside, 'dockerd', ...named, ...flags];
  const daemon = spawn(program, args, { detached: true, stdio: ['ignore', log.fd, log.fd] });
  daemon.unref();
  await log.close();
  for (let tries = 0; !(await answers(docker)); tries += 1) {
    if (daemon.exitCode !== null || tries > 300) {
      throw new Error(`dockerd did not start:\n${await readFile(join(dir, 'log'), 'utf8')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The machine's firewall is none of a test's business. */
async function machineNetwork(dir: string) {
  const bridge = await readFile(join(dir, 'bridge'), 'utf8');
  return { bridge, iptables: 'false', ip6tables: 'false', 'ip-masq': 'false' };
}

function answers(docker: Dockerode): Promise<boolean> {
  return docker.ping().then(
    () => true,
    () => false,
  );
}

async function send(dir: string, signal: NodeJS.Signals): Promise<void> {
  process.kill(Number(await readFile(join(dir, 'pid'), 'utf8')), signal);
}

/** A process id comes back with another process: with its start it does not. */
async function ownerText(): Promise<string> {
  const stat = await readFile('/proc/self/stat', 'utf8');
  return `${process.pid} ${stat.slice(stat.lastIndexOf(')')).split(' ')[20]}`;
}

/** Containers talk to each other and to this machine over it. */
function makeBridge(): string {
  const name = `psb${randomBytes(4).toString('hex')}`;
  ip('link', 'add', name, 'type', 'bridge');
  ip('addr', 'add', `${freeNet('10.213')}1/24`, 'dev', name);
  ip('link', 'set', name, 'up');
  return name;
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

function missing(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'run as root on Linux';
  if (!findProgram('dockerd')) return 'apt-get install docker.io';
  if (!findProgram('ip')) return 'apt-get install iproute2';
  const dynamic = !existsSync('/bin/busybox') || spawnSync('ldd', ['/bin/busybox']).status === 0;
  return dynamic ? 'apt-get install busybox-static' : null;
}
