import { UsageError } from '../../errors.ts';
import type { DatabaseKind } from '../../model/database.ts';
import type { Side } from '../../model/migration.ts';
import type { Mover } from '../../ports/mover.ts';
import { reachableFrom } from '../starter/reach.ts';

/** `name` is part of the name of everything the mover makes: one migration finds its own again. */
export type OpenMover = (
  urls: Readonly<Record<Side, string>>,
  name: string,
  signal: AbortSignal,
) => Promise<Mover>;

/** By kind; loaded when one is moved. */
const MOVERS: Partial<Record<DatabaseKind, OpenMover>> = {
  postgres: async (urls, name) => {
    const { PostgresMover } = await import('../postgres/move/mover.ts');
    return new PostgresMover(urls, name);
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
      source: await reachableFrom(projectDir, urls.source, signal),
      target: await reachableFrom(projectDir, urls.target, signal),
    };
    return open(reached, name, signal);
  }
  throw new UsageError({
    code: 'kind-not-moved',
    message: `This version of PortSync does not move ${kind === 'mongo' ? 'MongoDB' : 'PostgreSQL'}.`,
    next: 'A newer version may: npm install -g portsync',
  });
}
