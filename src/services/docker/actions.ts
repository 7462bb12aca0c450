import { UsageError } from '../../errors.ts';
import type { Actions } from '../../model/actions.ts';
import type { Container } from '../../model/container.ts';
import type { EngineApi } from './api.ts';
import type { Engine } from './engine.ts';
import { containerLogs } from './logs.ts';

type ContainerActions = Pick<
  Actions,
  'startContainer' | 'stopContainer' | 'restartContainer' | 'logs'
>;

/** A container may take its own, long, grace time to stop. */
const LIMIT_MS = 120_000;

/** What can be done to the containers of `engines`; each goes to the engine it was read from. */
export function containerActions(engines: readonly Engine[]): ContainerActions {
  const act = async (verb: 'start' | 'stop' | 'restart', container: Container) => {
    await apiOf(engines, container)[verb](container.id, AbortSignal.timeout(LIMIT_MS));
  };
  return {
    startContainer: (container) => act('start', container),
    stopContainer: (container) => act('stop', container),
    restartContainer: (container) => act('restart', container),
    logs: (container, options, signal) =>
      containerLogs(apiOf(engines, container), container.id, options, signal),
  };
}

function apiOf(engines: readonly Engine[], container: Container): EngineApi {
  const engine = engines.find(({ id }) => id === container.engine);
  if (engine) return engine.api;
  throw new UsageError({
    code: 'engine-unknown',
    message: `${container.name} cannot be reached.`,
    why: `Its engine ${container.engine} is not among those that are watched.`,
    next: 'Look at the list again.',
  });
}
