import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { bundle } from './bundle.ts';
import { type RunningCommand, type Surroundings, startCommand } from './cli.ts';
import { addCompose } from './compose.ts';
import { namespaceFile } from './engine/namespace.ts';
import type { MachineSize } from './engine/small-machine.ts';
import { dockerEngine, type EngineRig, startEngine } from './engine.ts';
import type { Caller } from './http-interface.ts';
import { imagesNeed, loadStackImages } from './images.ts';
import type { Need } from './needs.ts';

/** An engine that may become a swarm, with the images of a stack. */
export const swarmNeed: Need = dockerEngine.missing ? dockerEngine : imagesNeed;

/** A machine of its own, as far as Docker and PortSync can see: engine, network, project directory. */
export interface SwarmRig {
  engine: EngineRig;
  /** The project directory, empty at first. */
  dir: string;
  /** Where the load balancer is reached from here. */
  url: string;
  /** What makes a process one of that machine's. */
  around: Required<Pick<Surroundings, 'inside' | 'env'>>;
  /** `portsync ARGS --project DIR` on that machine. */
  portsync(...args: string[]): RunningCommand;
  /** The same, with something else around it. */
  command(args: readonly string[], around?: Surroundings): RunningCommand;
  /** A line of shell in the project directory, where `docker` is that machine's, with `docker compose`. */
  shell(line: string): Promise<string>;
  close(): Promise<void>;
}

interface SwarmOptions {
  /** The program as it was built: one that starts another of its own needs that beside it. */
  built?: string;
  /** See `startEngine`. */
  disk?: string;
  /** Of a machine that has less than this one. */
  size?: MachineSize;
}

export async function startSwarmRig({ built, ...machine }: SwarmOptions = {}): Promise<SwarmRig> {
  const folder = await mkdtemp(join(tmpdir(), 'portsync-test-machine-'));
  const program = built ?? (await bundle('src/cli.ts', folder));
  const engine = await startEngine([], { ownNetwork: true, ...machine });
  const dir = await mkdtemp(join(folder, 'project-'));
  const close = async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await loadStackImages(engine.docker);
    const network = ['nsenter', `--net=${namespaceFile(engine.namespace ?? '')}`];
    const inside = [...network, ...engine.beside];
    const env = { DOCKER_HOST: `unix://${engine.socket}`, DOCKER_BUILDKIT: '0' };
    const command = (args: readonly string[], around: Surroundings = {}) =>
      startCommand(program, [...args, '--project', dir], {
        inside,
        ...around,
        env: { ...env, ...around.env },
      });
    const portsync = (...args: string[]) => command(args);
    const config = join(folder, 'docker');
    let compose: Promise<void> | null = null;
    const shell = async (line: string) => {
      compose ??= addCompose(config);
      await compose;
      const [first = '', ...rest] = [...inside, 'sh', '-ec', line];
      const own = { ...env, DOCKER_CONFIG: config };
      return (await execa(first, rest, { cwd: dir, env: own, all: true })).all;
    };
    const url = `http://${engine.address}`;
    return { engine, dir, url, around: { inside, env }, portsync, command, shell, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A variable as the kernel says that the processes of the replicas that serve `someone` have it. */
export async function variableOfReplicas(
  { engine: { docker } }: SwarmRig,
  someone: Caller,
  name: string,
): Promise<Array<string | undefined>> {
  const { headers } = await someone.send('GET', '/api/health');
  const colour = /web-(blue|green)/.exec(headers.get('x-portsync-replica') ?? '')?.[1];
  const label = [`portsync.colour=${colour}`];
  const replicas = await docker.listContainers({ filters: { label } });
  return Promise.all(
    replicas.map(async ({ Id }) => {
      const { Pid } = (await docker.getContainer(Id).inspect()).State;
      const environment = (await readFile(`/proc/${Pid}/environ`, 'utf8')).split('\0');
      return environment.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
    }),
  );
}
