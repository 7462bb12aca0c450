import { ExternalError } from '../../errors.ts';
import { deadlineIn } from '../../limit.ts';
import { openFleet, type ProjectFleet } from '../project/open-fleet.ts';
import { findProject } from '../project/project.ts';
import type { Colours } from './position.ts';

/** The app's replicas, what is in front of them, and how long they may take. */
export type App = Pick<ProjectFleet, 'edge' | 'fleet' | 'limits'> & { close(): Promise<void> };

/** Null where no load balancer of this project is known: requests cannot be held there. */
export async function openApp(projectDir: string): Promise<App | null> {
  const project = await findProject(projectDir);
  return project && openFleet(project);
}

/** @throws ExternalError where no colour serves. */
export async function coloursOf({ edge }: App, signal: AbortSignal): Promise<Colours> {
  const { serving } = await edge.traffic(signal);
  if (serving) return { serving, idle: serving === 'blue' ? 'green' : 'blue' };
  throw new ExternalError({
    code: 'nothing-serves',
    message: 'The cut-over did not begin.',
    why: 'The load balancer sends requests to no replicas.',
    next: 'Bring the app up first, then cut over again.',
  });
}

/** Resolves when `idle` runs with `env`, as many as serve now, and the edge sees all of them. */
export async function startIdle(
  { edge, fleet, limits }: App,
  { serving, idle }: Colours,
  env: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const running = (await fleet.replicas(signal)).filter(
    ({ colour, state }) => colour === serving && state === 'running',
  );
  const replicas = Math.max(1, running.length);
  // Not ended from outside: a fleet whose time is up still has to say what the replica said last.
  const limit = deadlineIn(limits.healthyMs, signal);
  try {
    await fleet.start(idle, { image: null, env, replicas }, limit.signal);
    await fleet.healthy(idle, limit.signal);
    await edge.sees(idle, replicas, limit.signal);
  } finally {
    limit.end();
  }
}
