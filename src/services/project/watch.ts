import type { Actions } from '../../model/actions.ts';
import type { LookKind } from '../../model/panes.ts';
import type { ProjectInfo } from '../../model/project.ts';
import type { Absence, Probes, Sources } from '../../ports/sources.ts';

/** Everything that can be read and done for one project, from whatever systems it consists of. */
export interface Watch extends Sources {
  info: ProjectInfo;
  actions: Actions;
  close(): Promise<void>;
}

/** What a fleet contributes: an engine's containers, or the lab's processes. */
export interface FleetParts {
  probes: Partial<Probes>;
  actions: Pick<Actions, 'startContainer' | 'stopContainer' | 'restartContainer' | 'logs' | 'lab'>;
  /** To be closed with the watch. */
  open: ReadonlyArray<{ close(): unknown }>;
}

export const NO_PROBES: Readonly<Probes> = {
  containers: [],
  nodes: [],
  database: [],
  env: [],
  traffic: [],
  lab: [],
  backup: [],
  migration: [],
};

export const ABSENT = {
  traffic: {
    why: 'No load balancer of this project is known here.',
    next: null,
  },
  lab: { why: 'This is not a lab.', next: null },
  backup: { why: 'none by PortSync', next: null },
  migration: {
    why: 'A machine is watched, and no project.',
    next: 'Run portsync tui in the directory that holds the .env.',
  },
  database: {
    why: 'The .env has no DATABASE_URL.',
    next: 'Set it with: portsync env set DATABASE_URL',
  },
  env: {
    why: 'A machine is watched without a project directory.',
    next: 'Run portsync tui in the directory that holds the .env.',
  },
} satisfies Partial<Record<LookKind, Absence>>;

/** Closes all probes, and what they were made from. */
export async function closeAll(
  probes: Readonly<Probes>,
  rest: ReadonlyArray<{ close(): unknown }>,
): Promise<void> {
  const all: Array<{ close(): unknown }> = [...Object.values(probes).flat(), ...rest];
  await Promise.allSettled(all.map((each) => each.close()));
}
