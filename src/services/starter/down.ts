import { setTimeout as sleep } from 'node:timers/promises';
import { PortSyncError, UsageError } from '../../errors.ts';
import { timeLimit } from '../../limit.ts';
import type { Operation } from '../../model/job.ts';
import { stopped } from '../executor/stopped.ts';
import type { Step } from '../journal/journal.ts';
import type { Service } from '../swarm/answers.ts';
import type { Stage } from './stage.ts';

const LOOK_EVERY_MS = 300;
/** A database may take a minute to end, and its volume is free only then. */
const END_LIMIT_MS = 3 * 60_000;
const LET_GO_MS = 30_000;

export interface DownFacts {
  services: readonly string[];
  networks: readonly string[];
  /** Those of the app that are there. */
  volumes: readonly string[];
  /** What was asked to be removed for good. */
  remove: string | null;
}

/** Everything `portsync down` does; what it does not name stays. */
export function planDown({ services, networks, volumes, remove }: DownFacts): Operation[] {
  const plan: Operation[] = [];
  if (services.length > 0) plan.push({ id: 'services', words: `end ${services.join(', ')}` });
  if (networks.length > 0) plan.push({ id: 'networks', words: `remove ${networks.join(', ')}` });
  if (remove !== null && volumes.includes(remove)) {
    plan.push({
      id: 'volume',
      words: `remove the volume ${remove} and all that is in it, for good`,
    });
  }
  return plan;
}

/** @throws UsageError where a volume is named that this app does not have. */
export async function lookForDown(
  { api, app }: Stage,
  remove: string | null,
  signal: AbortSignal,
): Promise<DownFacts> {
  const [services, networks, volumes] = await Promise.all([
    none(api.services(app, signal)),
    api.networks(app, signal),
    api.volumes(app, signal),
  ]);
  if (remove !== null && !volumes.includes(remove)) throw noVolume(remove, volumes);
  return {
    services: services.map(({ Spec }) => Spec.Name).sort(),
    networks: networks.map(({ Name }) => Name).sort(),
    volumes,
    remove,
  };
}

export async function takeDown(
  { api, app }: Stage,
  plan: readonly Operation[],
  { remove }: DownFacts,
  step: Step,
  signal: AbortSignal,
): Promise<void> {
  const planned = (id: string) => plan.some((operation) => operation.id === id);
  const limit = timeLimit(END_LIMIT_MS, signal);
  if (planned('services')) {
    await step('services', async () => {
      for (const service of await api.services(app, signal))
        await api.removeService(service.ID, signal);
      while ((await api.containersOf(app, signal)).length > 0)
        await pause('The end of the containers', limit);
    });
  }
  if (planned('networks')) {
    await step('networks', async () => {
      for (const network of await api.networks(app, signal))
        await insist(() => api.removeNetwork(network.Id, signal), signal);
    });
  }
  if (planned('volume') && remove !== null) {
    await step('volume', () => insist(() => api.removeVolume(remove, signal), signal));
  }
}

/** The engine lets go of networks and volumes a moment after the last container is gone. */
async function insist(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const end = performance.now() + LET_GO_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || performance.now() > end) throw error;
    }
    await pause('The engine', signal);
  }
}

function pause(what: string, limit: AbortSignal): Promise<void> {
  return sleep(LOOK_EVERY_MS, undefined, { signal: limit }).catch(() => {
    throw stopped(limit, what);
  });
}

/** A machine without a swarm has no services. */
async function none(services: Promise<Service[]>): Promise<Service[]> {
  return services.catch((error) => {
    if (error instanceof PortSyncError && error.code === 'no-swarm') return [];
    throw error;
  });
}

function noVolume(name: string, volumes: readonly string[]): UsageError {
  return new UsageError({
    code: 'no-volume',
    message: `This app has no volume ${name}. Nothing was changed.`,
    why: `It has ${volumes.join(', ') || 'none'}.`,
    next: 'Name one of these, or leave --remove-volume out: then all data stays.',
  });
}
