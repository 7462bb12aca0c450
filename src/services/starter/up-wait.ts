import { setTimeout as sleep } from 'node:timers/promises';
import { stopped } from '../executor/stopped.ts';
import type { Service, Task } from '../swarm/answers.ts';
import type { SwarmApi } from '../swarm/api.ts';
import { serviceNotHealthy } from '../swarm/errors.ts';
import { lastWords } from '../swarm/last-words.ts';
import { hasFailed } from '../swarm/tasks.ts';

const LOOK_EVERY_MS = 300;
/** A database that initialises, or a port that is just being freed, may fail once or twice. */
const DEATHS = 3;

export interface ServiceState {
  name: string;
  state: 'waiting' | 'starting' | 'running';
}

/**
 * Resolves when every service of `names` has all its tasks running, which for those with a health
 * check means healthy. `report` hears of every change.
 */
export async function servicesRun(
  api: SwarmApi,
  app: string,
  names: readonly string[],
  report: (states: readonly ServiceState[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const since = new Date(Date.now() - 1000).toISOString();
  let said = '';
  for (;;) {
    const services = await api.services(app, signal);
    const states: ServiceState[] = [];
    for (const name of names) {
      const service = services.find(({ Spec }) => Spec.Name === `${app}_${name}`);
      const tasks = service ? await api.tasks([service.ID], signal) : [];
      await refuseDeaths(api, name, tasks, since);
      states.push({ name, state: service ? stateOf(service, tasks) : 'waiting' });
    }
    if (JSON.stringify(states) !== said) report(states);
    said = JSON.stringify(states);
    if (states.every(({ state }) => state === 'running')) return;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {
      const open = states.filter(({ state }) => state !== 'running').map(({ name }) => name);
      throw stopped(signal, `Waiting for ${open.join(', ')}`);
    });
  }
}

function stateOf({ Spec, UpdateStatus }: Service, tasks: readonly Task[]): ServiceState['state'] {
  const wanted = Spec.Mode.Replicated?.Replicas ?? 1;
  const running = tasks.filter(
    ({ DesiredState, Status }) => DesiredState === 'running' && Status.State === 'running',
  );
  const updating = UpdateStatus?.State === 'updating';
  if (running.length >= wanted && !updating) return 'running';
  return tasks.some(({ Status }) => Status.State === 'starting') ? 'starting' : 'waiting';
}

async function refuseDeaths(
  api: SwarmApi,
  name: string,
  tasks: readonly Task[],
  since: string,
): Promise<void> {
  const dead = tasks.filter((task) => hasFailed(task) && task.CreatedAt > since);
  const [task] = dead;
  if (!task || dead.length < DEATHS) return;
  throw serviceNotHealthy(name, task, await lastWords(api, task));
}
