import type { Migration, MigrationState, Preflight } from '../model/migration.ts';
import { dataOf } from '../model/reading.ts';
import type { Secret } from '../model/secret.ts';
import type { Condition } from './containers.ts';
import { only } from './joins.ts';
import type { State } from './state.ts';

/** What the screen knows before a migration has begun. The connection string is kept nowhere else. */
export interface Draft {
  /** Set from Enter in the text box until the migration has it, or it is given up. */
  target: Secret | null;
  /** Counts the looks, so that an answer to an older one is told apart. */
  look: number;
  /** Ms since the epoch, of the look under way. */
  since: number;
  checked: { target: string; preflight: Preflight } | null;
  /** The lines of what is well are shown one by one. */
  allShown: boolean;
  /** Asked to begin; the process that does it has not told yet. */
  starting: boolean;
  /** Id of a migration that has ended and shall not be shown again. */
  past: string | null;
}

export const emptyDraft: Draft = {
  target: null,
  look: 0,
  since: 0,
  checked: null,
  allShown: false,
  starting: false,
  past: null,
};

/** What the screen shows, in the order it is gone through. */
export type MigrateStep =
  | 'unknown'
  | 'target'
  | 'preflight'
  | 'under-way'
  | 'in-step'
  | 'pause'
  | 'switched'
  | 'returned'
  | 'ended';

const ENDED: ReadonlySet<MigrationState> = new Set(['finished', 'aborted']);

const STEPS: Record<MigrationState, MigrateStep> = {
  idle: 'target',
  preflight: 'under-way',
  copying: 'under-way',
  following: 'under-way',
  ready: 'in-step',
  'cutting-over': 'pause',
  switched: 'switched',
  returned: 'returned',
  finished: 'ended',
  aborted: 'ended',
  failed: 'under-way',
};

export function migrationOf(state: State): Migration | null {
  return dataOf(only(state, 'migration'));
}

/** Something is to be gone on with, or to be given up. */
export function isActive({ state }: Migration): boolean {
  return state !== 'idle' && !ENDED.has(state);
}

/** The migration that is under way, or whose way back is open. */
export function activeMigration(state: State): Migration | null {
  const migration = migrationOf(state);
  return migration && isActive(migration) ? migration : null;
}

export function stepOf(state: State): MigrateStep {
  const reading = only(state, 'migration');
  const known = reading.state === 'ready' || (reading.state === 'stale' && reading.seenAt !== null);
  if (!known) return 'unknown';
  if (state.draft.target) return 'preflight';
  const { data } = reading;
  if (!data || data.id === state.draft.past) return 'target';
  return STEPS[data.state];
}

/** It needs a process that works on it, and none does. */
export function isStalled({ state, worker, wayBack }: Migration): boolean {
  if (worker !== null || ENDED.has(state) || state === 'idle' || state === 'failed') return false;
  return (state !== 'switched' && state !== 'returned') || wayBack.open;
}

/** Since when requests wait, in ms since the epoch; null where none does. */
export function heldSince({ state, cutover, worker }: Migration): number | null {
  // Where the process is gone, the load balancer has let them go at the deadline.
  if (state !== 'cutting-over' || worker === null || cutover?.outcome !== null) return null;
  return cutover.heldAt === null ? null : Date.parse(cutover.heldAt);
}

/** Whether the clock of a pause runs. */
export function isHeld(state: State): boolean {
  const migration = migrationOf(state);
  return migration !== null && heldSince(migration) !== null;
}

/** 0–100; null before the first byte. */
export function copiedPercent({ copy }: Migration): number | null {
  if (!copy || copy.totalBytes <= 0) return null;
  return Math.min(100, (copy.bytes / copy.totalBytes) * 100);
}

export interface MigrationWord {
  condition: Condition;
  word: string;
  /** Where there is less room. */
  short: string;
}

/** In a word, for the header: `moving 71%`. Null where nothing is under way. */
export function migrationWord(state: State): MigrationWord | null {
  const migration = activeMigration(state);
  if (!migration) return null;
  if (migration.state === 'failed') return said('bad', 'move failed');
  if (isStalled(migration)) return said('look', 'move stopped');
  switch (migration.state) {
    case 'copying':
      return said('good', `moving ${Math.floor(copiedPercent(migration) ?? 0)}%`);
    case 'following':
      return said('good', 'moving, catching up', 'catching up');
    case 'ready':
      return said('good', 'in step');
    case 'cutting-over':
      return said('good', 'cutting over');
    case 'switched':
      return migration.wayBack.open
        ? said('good', 'switched, way back open', 'switched')
        : said('good', 'switched');
    case 'returned':
      return said('good', 'back on the old database', 'returned');
    default:
      return said('good', 'moving, preflight', 'moving');
  }
}

function said(condition: Condition, word: string, short = word): MigrationWord {
  return { condition, word, short };
}
