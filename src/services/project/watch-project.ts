import type { Probes } from '../../ports/sources.ts';
import { databaseProbe } from '../database/probe.ts';
import { containerActions, containerProbe, dockerEngines } from '../docker/index.ts';
import { envActions, envProbe } from '../env/pane.ts';
import { openLocal } from '../executor/local.ts';
import { openLab } from '../lab/client.ts';
import { migrationActions } from '../migration/actions.ts';
import { migrationProbe } from '../migration/probe.ts';
import { nodeProbe } from '../nodes/probe.ts';
import { EnvRestore } from './env-restore.ts';
import { saveLogs } from './logs.ts';
import { Machines } from './machines.ts';
import { databaseUrl, type Project } from './project.ts';
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
  const fleet = lab ? labParts(lab) : await engineParts(settings.nodes ?? [], name, machines);
  const local = openLocal();
  const nodes = [
    nodeProbe({ name: 'main', executor: local }),
    ...(settings.nodes ?? []).map((node) =>
      nodeProbe({ name: node.name, executor: machines.at(node.address) }),
    ),
  ];
  const restore = new EnvRestore(project);
  const probes: Probes = {
    ...NO_PROBES,
    ...fleet.probes,
    nodes,
    database: url === null ? [] : [databaseProbe(url)],
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
      saveLogs: (container, lines) => saveLogs(dir, container, lines),
      migration: migrationActions(dir),
    },
    close: () => closeAll(probes, [restore, ...fleet.open, machines, local]),
  };
}

async function engineParts(
  nodes: ReadonlyArray<{ name: string; address: string }>,
  project: string | null,
  machines: Machines,
): Promise<FleetParts> {
  const engines = await dockerEngines({ nodes, ssh: async (address) => machines.at(address) });
  return {
    probes: { containers: engines.map((engine) => containerProbe(engine, { project })) },
    actions: { ...containerActions(engines), lab: null },
    open: engines,
  };
}
