import type { Colour, Container, ContainerState, Health } from '../../model/container.ts';
import type { ContainerSpec, Service, Task } from './answers.ts';
import { LABELS } from './stack.ts';

/** Swarm's states of a task, of which many lie before and after the container itself. */
const STATES: Record<string, { state: ContainerState; health: Health }> = {
  new: { state: 'created', health: 'none' },
  pending: { state: 'created', health: 'none' },
  assigned: { state: 'created', health: 'none' },
  accepted: { state: 'created', health: 'none' },
  preparing: { state: 'created', health: 'none' },
  ready: { state: 'created', health: 'none' },
  starting: { state: 'running', health: 'starting' },
  // Only once its health check has passed, where it has one.
  running: { state: 'running', health: 'healthy' },
  complete: { state: 'exited', health: 'none' },
  shutdown: { state: 'exited', health: 'none' },
  failed: { state: 'exited', health: 'none' },
  rejected: { state: 'dead', health: 'none' },
  orphaned: { state: 'dead', health: 'none' },
  remove: { state: 'removing', health: 'none' },
};

const ENDED = ['complete', 'shutdown', 'failed', 'rejected', 'orphaned', 'remove'];

export function hasEnded({ Status }: Task): boolean {
  return ENDED.includes(Status.State);
}

/** It ended, or could not begin, without being told to. */
export function hasFailed({ Status, DesiredState }: Task): boolean {
  const badly = Status.State === 'failed' || Status.State === 'rejected';
  return badly || (Status.State === 'complete' && DesiredState !== 'remove');
}

export function replicaName({ Slot }: Task): string {
  return `web.${Slot ?? 1}`;
}

export function colourOf({ Spec }: Task): Colour | null {
  return colourIn(Spec.ContainerSpec);
}

function colourIn({ Labels }: ContainerSpec): Colour | null {
  const colour = Labels?.[LABELS.colour];
  return colour === 'blue' || colour === 'green' ? colour : null;
}

export function addressesOf(task: Task): string[] {
  const all = (task.NetworksAttachments ?? []).flatMap(({ Addresses }) => Addresses ?? []);
  return all.map((address) => address.replace(/\/\d+$/, ''));
}

/** `all` are the tasks of its service: those that ended before it in its slot are its restarts. */
export function containerOf(
  task: Task,
  all: readonly Task[],
  engine: string,
  node: string,
): Container {
  const { state, health } = STATES[task.Status.State] ?? { state: 'dead', health: 'none' };
  const { ContainerStatus, Timestamp } = task.Status;
  const start = startOf(task);
  const earlier = all.filter(
    (each) => each.Slot === task.Slot && startOf(each) === start && hasFailed(each),
  );
  return {
    id: ContainerStatus?.ContainerID ?? task.ID,
    engine,
    node,
    name: replicaName(task),
    image: imageOf(task.Spec.ContainerSpec),
    state,
    health,
    colour: colourOf(task),
    cpuPercent: null,
    memoryBytes: null,
    memoryLimitBytes: task.Spec.Resources?.Limits?.MemoryBytes ?? null,
    receivedBytesPerSecond: null,
    sentBytesPerSecond: null,
    restarts: earlier.filter(({ ID }) => ID !== task.ID).length,
    exitCode: state === 'exited' ? (ContainerStatus?.ExitCode ?? null) : null,
    startedAt: state === 'running' ? Timestamp : null,
    createdAt: task.CreatedAt,
  };
}

/** What a stopped colour is: as many replicas as it had, to be started again. */
export function keptContainers(service: Service, engine: string): Container[] {
  const { Labels, TaskTemplate } = service.Spec;
  const { ContainerSpec } = TaskTemplate;
  const count = Number(Labels?.[LABELS.replicas] ?? 0);
  return Array.from({ length: count }, (_, at) => ({
    ...NOTHING_KNOWN,
    id: `${service.ID}.${at + 1}`,
    engine,
    node: 'main',
    name: `web.${at + 1}`,
    image: imageOf(ContainerSpec),
    colour: colourIn(ContainerSpec),
    createdAt: service.CreatedAt,
  }));
}

const NOTHING_KNOWN = {
  state: 'exited',
  health: 'none',
  cpuPercent: null,
  memoryBytes: null,
  memoryLimitBytes: null,
  receivedBytesPerSecond: null,
  sentBytesPerSecond: null,
  restarts: 0,
  exitCode: null,
  startedAt: null,
} as const;

export function startOf({ Spec }: Task): string | undefined {
  return Spec.ContainerSpec.Labels?.[LABELS.start];
}

/** As a person calls it, without the digest that Swarm may have added. */
export function imageOf({ Image, Labels }: ContainerSpec): string {
  return Labels?.[LABELS.image] ?? Image.split('@')[0] ?? Image;
}

export type Judgement =
  | { kind: 'healthy' }
  | { kind: 'waiting'; slowest: Task | null }
  | { kind: 'failed'; task: Task };

/** A container that dies once may have come too early: its second death is a verdict. */
const DEATHS = 2;

/**
 * Whether `replicas` tasks of this start serve, or never will. That they run counts for more than how
 * often they died: they all did when their machine lost its power.
 */
export function judge(tasks: readonly Task[], start: string, replicas: number): Judgement {
  const own = tasks.filter((task) => startOf(task) === start);
  const wanted = own.filter(({ DesiredState }) => DesiredState === 'running');
  const running = wanted.filter(({ Status }) => Status.State === 'running');
  if (running.length >= replicas) return { kind: 'healthy' };
  const rejected = own.find(({ Status }) => Status.State === 'rejected');
  if (rejected) return { kind: 'failed', task: rejected };
  const failed = own.filter(hasFailed).sort(newestFirst);
  if (failed[0] && failed.length >= DEATHS) return { kind: 'failed', task: failed[0] };
  const slow = wanted.find(({ Status }) => Status.State !== 'running');
  return { kind: 'waiting', slowest: slow ?? failed[0] ?? null };
}

function newestFirst(one: Task, other: Task): number {
  return Date.parse(other.Status.Timestamp) - Date.parse(one.Status.Timestamp);
}
