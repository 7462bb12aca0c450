import { UsageError } from '../../errors.ts';
import type { DatabaseKind } from '../../model/database.ts';
import type { Side } from '../../model/migration.ts';
import type { Mover } from '../../ports/mover.ts';

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

/** @throws UsageError for a kind that this version does not move. */
export function openMover(
  kind: DatabaseKind,
  urls: Readonly<Record<Side, string>>,
  name: string,
  signal: AbortSignal,
): Promise<Mover> {
  const open = MOVERS[kind];
  if (open) return open(urls, name, signal);
  throw new UsageError({
    code: 'kind-not-moved',
    message: `This version of PortSync does not move ${kind === 'mongo' ? 'MongoDB' : 'PostgreSQL'}.`,
    next: 'A newer version may: npm install -g portsync',
  });
}
