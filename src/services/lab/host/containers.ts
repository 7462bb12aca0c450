import type { Container } from '../../../model/container.ts';
import type { ProcessFleet } from '../fleet/fleet.ts';
import type { Child } from '../machine/child.ts';
import type { LogRing } from '../machine/log-ring.ts';
import type { Monitor } from '../machine/monitor.ts';
import type { Databases } from '../servers/databases.ts';

/** The parts of a lab that are processes. */
export interface Parts {
  fleet: ProcessFleet;
  databases: Databases;
  monitor: Monitor;
  /** What the lab itself says; its balancer runs in this process. */
  log: LogRing;
}

const STARTED_AT = new Date(Date.now() - process.uptime() * 1000).toISOString();

export function pidsOf({ fleet, databases }: Pick<Parts, 'fleet' | 'databases'>): number[] {
  const servers = [databases.db, databases.cloud].flatMap(({ child }) => child.process.pid ?? []);
  return [process.pid, ...servers, ...fleet.pids()];
}

/** What a person would see as containers, were it not a lab. */
export async function containersOf(parts: Parts): Promise<Container[]> {
  const { fleet, databases, monitor } = parts;
  const edge = alive('edge', 'portsync/lab-edge', monitor.usage(process.pid));
  const servers = (['db', 'cloud'] as const).map((name) => {
    const { child, product } = databases[name];
    return serverContainer(name, product, child, monitor);
  });
  return [...(await fleet.replicas()), ...servers, edge];
}

export function logOf({ fleet, databases, log }: Parts, name: string): LogRing {
  if (name === 'edge') return log;
  if (name === 'db' || name === 'cloud') return databases[name].child.log;
  return fleet.log(name);
}

function serverContainer(name: string, image: string, child: Child, monitor: Monitor): Container {
  const usage = monitor.usage(child.running ? (child.process.pid ?? null) : null);
  const { startedAt, exitCode } = child;
  const container = { ...alive(name, image, usage), createdAt: startedAt, exitCode };
  if (child.running) return { ...container, startedAt };
  return { ...container, state: 'exited', startedAt: null };
}

function alive(
  name: string,
  image: string,
  usage: Pick<Container, 'cpuPercent' | 'memoryBytes'>,
): Container {
  return {
    id: name,
    engine: 'lab',
    node: 'main',
    name,
    image,
    state: 'running',
    health: 'none',
    colour: null,
    ...usage,
    memoryLimitBytes: null,
    receivedBytesPerSecond: null,
    sentBytesPerSecond: null,
    restarts: 0,
    exitCode: null,
    startedAt: STARTED_AT,
    createdAt: STARTED_AT,
  };
}
