import { ExternalError, UsageError } from '../../errors.ts';
import { composeNeeds } from '../env/compose-needs.ts';
import type { Service } from '../swarm/answers.ts';
import { type Compose, type ComposeService, list } from '../swarm/compose.ts';
import { LABELS, type ServicePatch } from '../swarm/stack.ts';
import { isReserved } from './names.ts';
import type { Roles } from './roles.ts';
import type { Sizing } from './sizing.ts';

/** How a service that runs compares with what the files and the machine's size ask for. */
export type Standing = 'missing' | 'changed' | 'same';

/** What decides what `portsync up` does. */
export interface UpFacts {
  app: string;
  swarm: boolean;
  /** The load balancer's files are not as they are to be. */
  edgeFiles: boolean;
  services: Array<{ name: string; standing: Standing; memoryBytes: number | null }>;
  web: {
    standing: Standing;
    /** What is to run; null keeps what runs. */
    image: string | null;
    /** Whether it is built here, fetched, or there already. */
    from: 'build' | 'pull' | 'here';
    replicas: number;
    memoryBytes: number;
  };
}

export function standingOf(running: Service | undefined, wanted: string): Standing {
  if (!running) return 'missing';
  return running.Spec.Labels?.[LABELS.print] === wanted ? 'same' : 'changed';
}

/** @throws UsageError naming variables without which nothing could start. */
export function needEverything(text: string, env: ReadonlyMap<string, string>): void {
  const given = (key: string) => env.has(key) || process.env[key] !== undefined;
  const missing = (composeNeeds(text) ?? []).map(({ key }) => key).filter((key) => !given(key));
  if (missing.length === 0) return;
  throw new UsageError({
    code: 'env-incomplete',
    message: `The compose file needs ${missing.join(', ')}, which the .env does not have.`,
    why: 'An empty text would be put in its place.',
    next: `Set it: portsync env set ${missing[0]}`,
  });
}

/** @throws ExternalError while `docker compose up` runs the same services, on the same ports and data. */
export function refuseCompose(
  containers: ReadonlyArray<{ Labels: Record<string, string> | null; State: string }>,
  dir: string,
): void {
  const running = containers.filter(
    ({ Labels, State }) =>
      Labels?.['com.docker.compose.project.working_dir'] === dir && State === 'running',
  );
  if (running.length === 0) return;
  throw new ExternalError({
    code: 'compose-runs',
    message: 'docker compose runs this app already.',
    why: 'Two databases on one volume would destroy it, and each port can be had once.',
    next: 'End it first: docker compose down (its volumes stay), then run portsync up.',
  });
}

/**
 * Without a database that nobody asks: the app's is elsewhere. One that runs already stays, for a
 * move may go back to it.
 */
export function withoutUnused(
  compose: Compose,
  { database }: Roles,
  url: string | undefined,
  runs: (service: string) => boolean,
): Compose {
  if (!database || url === undefined || !isElsewhere(url, compose) || runs(database.service))
    return compose;
  const { [database.service]: _, ...services } = compose.services;
  return { ...compose, services };
}

function isElsewhere(url: string, { services }: Compose): boolean {
  const host = /^[a-z+]+:\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^/?,:]+)/.exec(url)?.[1];
  return host !== undefined && !(host in services) && !/^(localhost|127\.|\[::1)/.test(host);
}

/** @throws UsageError where a service would be taken for one that PortSync makes. */
export function refuseNames({ services }: Compose, roles: Roles): void {
  const taken = Object.keys(services).find((name) => isReserved(name, roles));
  if (taken === undefined) return;
  throw new UsageError({
    code: 'name-taken',
    message: `The compose file has a service called ${taken}.`,
    why: 'PortSync has a service of this name itself, and would overwrite it.',
    next: 'Call it otherwise, and run portsync up again. Nothing was changed.',
  });
}

/** @throws ExternalError while the replicas run that `docker stack deploy` made of the file as it is. */
export function refuseStack(services: readonly Service[], app: string, web: string): void {
  if (!services.some(({ Spec }) => Spec.Name === `${app}_${web}`)) return;
  throw new ExternalError({
    code: 'stack-runs',
    message: 'docker stack deploy runs this app already.',
    why: `Its ${app}_${web} would stay beside the replicas of PortSync, with another image and environment.`,
    next: `End it first: docker stack rm ${app} (its volumes stay), then run portsync up.`,
  });
}

/**
 * What the machine's size and its disk add to the services besides the web: limits, the database's
 * settings, and that what has files stays where they are.
 */
export function patchesOf(
  compose: Compose,
  { database, edge }: { database: string | null; edge: string | null },
  sizing: Sizing,
  nodeOf: (service: string) => string,
): Map<string, ServicePatch> {
  const patch = (name: string, service: ComposeService): ServicePatch => {
    const isDatabase = name === database;
    const bytes = isDatabase ? sizing.database?.bytes : name === edge ? sizing.edgeBytes : null;
    return {
      pinnedTo: list(service.volumes).length > 0 ? nodeOf(name) : null,
      memoryBytes: bytes ?? null,
      hidden: isDatabase,
      command: isDatabase ? (sizing.database?.command ?? null) : null,
    };
  };
  const entries = Object.entries(compose.services);
  return new Map(entries.map(([name, service]) => [name, patch(name, service)]));
}

/** The node that a service is kept on already; null for one that may run anywhere, or is new. */
export function pinOf(service: Service | undefined): string | null {
  const constraints = service?.Spec.TaskTemplate.Placement?.Constraints ?? [];
  return constraints.flatMap((each) => /^node\.id ?== ?(\S+)$/.exec(each)?.[1] ?? [])[0] ?? null;
}
