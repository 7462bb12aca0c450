import type { Probes } from '../../ports/sources.ts';
import { containerActions, containerProbe, dockerEngines } from '../docker/index.ts';
import { envActions, envProbe } from '../env/pane.ts';
import { openLocal } from '../executor/local.ts';
import { openLab } from '../lab/client.ts';
import { migrationActions } from '../migration/actions.ts';
import { migrationProbe } from '../migration/probe.ts';
import { nodeProbe } from '../nodes/probe.ts';
import { stackName } from '../starter/names.ts';
import { StackKeys } from '../starter/stack-actions.ts';
import { openStage } from '../starter/stage.ts';
import { readEnvPlaces } from './env-places.ts';
import { EnvRestore } from './env-restore.ts';
import { saveLogs } from './logs.ts';
import { Machines } from './machines.ts';
import { databaseUrl, type Project } from './project.ts';
import { ReachedProbe } from './reached-probe.ts';
import { ABSENT, closeAll, type FleetParts, NO_PROBES, type Watch } from './watch.ts';
import { labParts } from './watch-lab.ts';

export interface WatchOptions {
  readOnly: boolean;
}

/** The one place that knows which systems a project consists of. */
export async function watchProject(project: Project, { readOnly }: WatchOptions): Promise<Watch> {
  const { dir, name, settings } = project;
  const url = await databaseUrl(project);
  const lab = await openLab(dir);
  const machines = new Machines(dir);
  const fleet = lab ? labParts(lab) : await engineParts(project, machines);
  const local = openLocal();
  const nodes = [
    nodeProbe({ name: 'main', executor: local }),
    ...(settings.nodes ?? []).map((node) =>
      nodeProbe({ name: node.name, executor: machines.at(node.address) }),
    ),
  ];
  const restore = new EnvRestore(project);
  const stack = lab ? null : new StackKeys(project);
  const probes: Probes = {
    ...NO_PROBES,
    ...fleet.probes,
    nodes,
    database: url === null ? [] : [new ReachedProbe(project, url)],
    env: [envProbe(dir)],
    migration: [migrationProbe(dir)],
  };
  return {
    info: { name, dir, lab: lab !== null, readOnly },
    probes,
    absent: ABSENT,
    actions: {
      ...fleet.actions,
      ...envActions(dir),
      ...restore.actions,
      envPlaces: (signal) => readEnvPlaces(dir, signal),
      saveLogs: (container, lines) => saveLogs(dir, container, lines),
      migration: migrationActions(dir),
      setup: null,
      stack: stack?.actions ?? null,
    },
    close: () =>
      closeAll(probes, [restore, ...(stack ? [stack] : []), ...fleet.open, machines, local]),
  };
}

async function engineParts(project: Project, machines: Machines): Promise<FleetParts> {
  const nodes = project.settings.nodes ?? [];
  const engines = await dockerEngines({ nodes, ssh: async (address) => machines.at(address) });
  const stack = { project: stackName(project.name) };
  const edge = await edgeParts(project);
  return {
    probes: { containers: engines.map((engine) => containerProbe(engine, stack)), ...edge.probes },
    actions: { ...containerActions(engines), lab: null },
    open: [...engines, ...edge.open],
  };
}

/** The load balancer that `portsync up` started; nothing where it did not. */
async function edgeParts(project: Project): Promise<Pick<FleetParts, 'probes' | 'open'>> {
  const stage = await openStage(project).catch(() => null);
  if (!stage) return { probes: {}, open: [] };
  const open = [{ close: () => stage.close() }];
  const { edge } = await stage.roles();
  if (edge === null) return { probes: {}, open };
  const read = (signal: AbortSignal) => stage.edge.traffic(signal);
  const probe = { id: 'edge', everyMs: 1000, timeoutMs: 5000, read, close: async () => {} };
  return { probes: { traffic: [probe] }, open };
}
