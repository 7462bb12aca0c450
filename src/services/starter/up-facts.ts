import type { Service } from '../swarm/answers.ts';
import type { ServicePatch } from '../swarm/base-stack.ts';
import { type Compose, type ComposeService, list } from '../swarm/compose.ts';
import { LABELS } from '../swarm/stack.ts';
import type { Sizing } from './sizing.ts';

/** How a service that runs compares with what the files and the machine's size ask for. */
export type Standing = 'missing' | 'changed' | 'same';

/** What decides what `portsync up` does. */
export interface UpFacts {
  app: string;
  swarm: boolean;
  /** The load balancer's files are not as they are to be. */
  edgeFiles: boolean;
  /** That services mount, and that are not there. */
  dirs: readonly string[];
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
