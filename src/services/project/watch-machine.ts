import { UsageError } from '../../errors.ts';
import type { Actions } from '../../model/actions.ts';
import type { Probes } from '../../ports/sources.ts';
import { containerActions, containerProbe, dockerEngines } from '../docker/index.ts';
import { nodeProbe } from '../nodes/probe.ts';
import { saveLogs } from './logs.ts';
import type { Machines } from './machines.ts';
import { ABSENT, closeAll, NO_PROBES, type Watch } from './watch.ts';

/**
 * A machine behind SSH that has nothing of PortSync on it: its containers and its health. Closing
 * the watch closes `machines`.
 */
export async function watchMachine(
  address: string,
  machines: Machines,
  readOnly: boolean,
): Promise<Watch> {
  const ssh = async (each: string) => machines.at(each);
  // DOCKER_HOST is what the docker command here would use, and none of that machine's business.
  const engines = await dockerEngines({ env: { DOCKER_HOST: `ssh://${address}` }, ssh });
  const probes: Probes = {
    ...NO_PROBES,
    containers: engines.map((engine) => containerProbe(engine)),
    nodes: [nodeProbe({ name: address, executor: machines.at(address) })],
  };
  return {
    info: { name: address, dir: null, lab: false, readOnly },
    probes,
    absent: {
      ...ABSENT,
      database: { why: 'A machine is watched, and no project.', next: ABSENT.env.next },
    },
    actions: {
      ...containerActions(engines),
      ...noEnv,
      saveLogs: (container, lines) => saveLogs(null, container, lines),
      lab: null,
      migration: null,
      setup: null,
      stack: null,
    },
    close: () => closeAll(probes, [...engines, machines]),
  };
}

const noEnv: Pick<
  Actions,
  'envChanges' | 'envReveal' | 'envPlaces' | 'envRestorePlan' | 'envRestore'
> = {
  envPlaces: async () => refuse(),
  envRestorePlan: async () => refuse(),
  envRestore: async () => refuse(),
  envChanges: async () => refuse(),
  envReveal: async () => refuse(),
};

function refuse(): never {
  throw new UsageError({
    code: 'no-project',
    message: 'There is no .env to look at.',
    why: ABSENT.env.why,
    next: ABSENT.env.next,
  });
}
