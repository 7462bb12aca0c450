import { UsageError } from '../../errors.ts';
import type { Actions } from '../../model/actions.ts';
import type { Container, LogLine } from '../../model/container.ts';
import type { EngineApi } from './api.ts';
import type { Engine } from './engine.ts';
import { logLines } from './logs.ts';

type ContainerActions = Pick<
  Actions,
  'startContainer' | 'stopContainer' | 'restartContainer' | 'logs'
>;

/** A container may take its own, long, grace time to stop. */
const LIMIT_MS = 120_000;
const OPEN_LIMIT_MS = 15_000;

/** What can be done to the containers of `engines`; each goes to the engine it was read from. */
export function containerActions(engines: readonly Engine[]): ContainerActions {
  const act = async (verb: 'start' | 'stop' | 'restart', container: Container) => {
    await apiOf(engines, container)[verb](container.id, AbortSignal.timeout(LIMIT_MS));
  };
  return {
    startContainer: (container) => act('start', container),
    stopContainer: (container) => act('stop', container),
    restartContainer: (container) => act('restart', container),
    logs: (container, { tail, follow }, signal) =>
      logs(apiOf(engines, container), container.id, tail, follow, signal),
  };
}

/** Ends when the container does, when `signal` aborts, and, without `follow`, at the last line. */
async function* logs(
  api: EngineApi,
  id: string,
  tail: number,
  follow: boolean,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const own = new AbortController();
  const stop = () => own.abort(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) return;
    const { Config } = await api.inspect(id, limited(own.signal));
    yield* logLines(await api.logs(id, tail, follow, own.signal), Config.Tty);
  } catch (error) {
    if (!signal.aborted) throw api.translated(error);
  } finally {
    signal.removeEventListener('abort', stop);
    own.abort();
  }
}

function limited(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(OPEN_LIMIT_MS)]);
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
