import { UsageError } from '../../errors.ts';
import type { Actions } from '../../model/actions.ts';
import type { Container } from '../../model/container.ts';
import type { Probe } from '../../ports/probe.ts';
import type { Lab } from '../lab/client.ts';
import type { FleetParts } from './watch.ts';

const EVERY_MS = 1000;
const LIMIT_MS = 5000;

/** A lab's processes in the place of an engine's containers. */
export function labParts(lab: Lab): FleetParts {
  return {
    probes: {
      containers: [probe('lab', (signal) => lab.containers(signal))],
      traffic: [probe('edge', (signal) => lab.edge.traffic(signal))],
      lab: [probe('lab', (signal) => lab.figures(signal))],
    },
    actions: {
      ...containerActions(lab),
      logs: (container, options, signal) => lab.logs(container.name, options, signal),
      lab: lab.actions,
    },
    open: [lab],
  };
}

function probe<T>(id: string, read: Probe<T>['read']): Probe<T> {
  return { id, everyMs: EVERY_MS, timeoutMs: LIMIT_MS, read, close: async () => {} };
}

function containerActions({
  actions,
}: Lab): Pick<Actions, 'startContainer' | 'stopContainer' | 'restartContainer'> {
  return {
    startContainer: (container) => actions.startReplica(replicaName(container)),
    stopContainer: (container) => actions.stopReplica(replicaName(container)),
    restartContainer: async (container) => {
      await actions.stopReplica(replicaName(container));
      await actions.startReplica(replicaName(container));
    },
  };
}

function replicaName(container: Container): string {
  if (container.colour !== null) return container.name;
  throw new UsageError({
    code: 'not-a-replica',
    message: `${container.name} is a part of the lab itself.`,
    why: 'Only web replicas are started and stopped one by one here.',
    next: 'Choose one of the web replicas.',
  });
}
