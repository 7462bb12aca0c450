import { UsageError } from '../../errors.ts';
import type { DatabaseKind } from '../../model/database.ts';
import type { Side } from '../../model/migration.ts';
import type { Mover } from '../../ports/mover.ts';
import { mayMove } from '../database/addresses.ts';
import { describeTarget } from '../database/url.ts';
import { reachableFrom } from '../starter/reach.ts';

/** What a mover cannot see from the URLs. */
interface Surroundings {
  /** Of the project: its settings are made in docker-compose.yml. */
  sourceInContainer: boolean;
}

/** `name` is part of the name of everything the mover makes: one migration finds its own again. */
export type OpenMover = (
  urls: Readonly<Record<Side, string>>,
  name: string,
  surroundings: Surroundings,
  signal: AbortSignal,
) => Promise<Mover>;

/** By kind; loaded when one is moved. */
const MOVERS: Partial<Record<DatabaseKind, OpenMover>> = {
  postgres: async (urls, name, surroundings) => {
    const { PostgresMover } = await import('../postgres/move/mover.ts');
    return new PostgresMover(urls, name, surroundings);
  },
};

/**
 * `urls` as the app has them: a side that is a service of the project is looked for among its
 * containers.
 * @throws UsageError for a kind that this version does not move.
 */
export async function openMover(
  projectDir: string,
  kind: DatabaseKind,
  urls: Readonly<Record<Side, string>>,
  name: string,
  signal: AbortSignal,
): Promise<Mover> {
  const open = MOVERS[kind];
  if (open) {
    const reached = {
      source: await reach(projectDir, urls.source, signal),
      target: await reach(projectDir, urls.target, signal),
    };
    const sourceInContainer = reached.source !== urls.source;
    return open(reached, name, { sourceInContainer }, signal);
  }
  throw new UsageError({
    code: 'kind-not-moved',
    message: `This version of PortSync does not move ${kind === 'mongo' ? 'MongoDB' : 'PostgreSQL'}.`,
    next: 'A newer version may: npm install -g portsync',
  });
}

/** A container that starts again while its database moves is found again. */
async function reach(projectDir: string, url: string, signal: AbortSignal): Promise<string> {
  const reached = await reachableFrom(projectDir, url, signal);
  if (reached === url) return url;
  mayMove(hostOf(reached), async (during) => {
    const anew = await reachableFrom(projectDir, url, during);
    return anew === url ? null : hostOf(anew);
  });
  return reached;
}

function hostOf(url: string): string {
  return describeTarget(url).hosts[0]?.host ?? '';
}
