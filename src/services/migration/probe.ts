import type { Migration } from '../../model/migration.ts';
import type { Probe } from '../../ports/probe.ts';
import { lookAt } from './look.ts';
import { placesOf } from './places.ts';

const EVERY_MS = 1_000;
/** While requests wait, the clock of the pause is watched. */
const EVERY_MS_IN_THE_PAUSE = 100;
const LIMIT_MS = 2_000;

/** The project's migration, from its files alone: cheap, and true when nobody works on it. */
export function migrationProbe(projectDir: string): Probe<Migration | null> {
  const places = placesOf(projectDir);
  let cuttingOver = false;
  return {
    id: 'migration',
    get everyMs() {
      return cuttingOver ? EVERY_MS_IN_THE_PAUSE : EVERY_MS;
    },
    timeoutMs: LIMIT_MS,
    async read() {
      const migration = await lookAt(places);
      cuttingOver = migration?.state === 'cutting-over' && migration.worker !== null;
      return migration;
    },
    async close() {},
  };
}
