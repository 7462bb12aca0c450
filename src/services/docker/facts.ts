import type { Colour, Container, ContainerState, Health } from '../../model/container.ts';
import type { Listed, Seen } from './answers.ts';

/** A container without its figures, and what is needed to read them. */
export interface Facts {
  container: Omit<Container, 'engine' | 'node' | keyof Unknown>;
  /** Of its first process on the engine's machine; 0 while none runs. */
  pid: number;
  /** It shares the machine's network, whose traffic is not its own. */
  hostNetwork: boolean;
}

type Unknown = Pick<
  Container,
  'cpuPercent' | 'memoryBytes' | 'receivedBytesPerSecond' | 'sentBytesPerSecond'
>;

const STATES: readonly string[] = [
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
] satisfies ContainerState[];

/** What a replica’s image is called, where its service has it by its id. */
const IMAGE_LABEL = 'portsync.image';

/** `project` names the stack whose prefix is left out of the names. */
export function factsOf(seen: Seen, project: string | null): Facts {
  const { State, Config, HostConfig } = seen;
  const state = stateOf(State.Status);
  const runs = state === 'running' || state === 'paused';
  return {
    container: {
      id: seen.Id,
      image: Config.Labels?.[IMAGE_LABEL] ?? Config.Image,
      ...identity(seen.Name, Config.Labels ?? {}, project),
      state,
      health: healthOf(State.Health?.Status),
      memoryLimitBytes: HostConfig.Memory || null,
      restarts: seen.RestartCount,
      exitCode: runs || state === 'created' ? null : State.ExitCode,
      startedAt: runs ? State.StartedAt : null,
      createdAt: seen.Created,
    },
    pid: runs ? State.Pid : 0,
    hostNetwork: HostConfig.NetworkMode === 'host',
  };
}

/** What the list alone tells, for a container that the engine will not say more of. */
export function factsOfListed(listed: Listed, project: string | null): Facts {
  const exit = /^Exited \((\d+)\)/.exec(listed.Status)?.[1];
  return {
    container: {
      id: listed.Id,
      image: listed.Labels?.[IMAGE_LABEL] ?? listed.Image,
      ...identity(listed.Names?.[0] ?? listed.Id.slice(0, 12), listed.Labels ?? {}, project),
      state: stateOf(listed.State),
      health: healthIn(listed.Status),
      memoryLimitBytes: null,
      restarts: 0,
      exitCode: exit === undefined ? null : Number(exit),
      startedAt: null,
      createdAt: new Date(listed.Created * 1000).toISOString(),
    },
    pid: 0,
    hostNetwork: false,
  };
}

/** Whether the list says something else of a container than what is known of it. */
export function differs(listed: Listed, { container }: Facts): boolean {
  return stateOf(listed.State) !== container.state || healthIn(listed.Status) !== container.health;
}

function stateOf(status: string): ContainerState {
  return STATES.includes(status) ? (status as ContainerState) : 'dead';
}

function healthOf(status: string | undefined): Health {
  return status === 'healthy' || status === 'unhealthy' || status === 'starting' ? status : 'none';
}

function healthIn(status: string): Health {
  return healthOf(/\((?:health: )?(healthy|unhealthy|starting)\)/.exec(status)?.[1]);
}

/** A swarm's task is called by its service and slot: `web.1` of the service `shop_web-blue`. */
function identity(
  rawName: string,
  labels: Record<string, string>,
  project: string | null,
): { name: string; colour: Colour | null } {
  const service = labels['com.docker.swarm.service.name'];
  const marked = labels['portsync.colour'];
  const byLabel = marked === 'blue' || marked === 'green' ? marked : null;
  if (!service) return { name: rawName.replace(/^\//, ''), colour: byLabel };
  const stack = labels['com.docker.stack.namespace'];
  const short = stack && stack === project ? service.slice(stack.length + 1) : service;
  const [, web, suffix] = /^((?:.*_)?web)-(blue|green)$/.exec(short) ?? [];
  const task = labels['com.docker.swarm.task.name'] ?? '';
  const slot = task.slice(service.length + 1).split('.')[0];
  return {
    name: slot ? `${web ?? short}.${slot}` : (web ?? short),
    colour: (suffix as Colour | undefined) ?? byLabel,
  };
}
