import { UsageError } from '../errors.ts';
import type { Actions, MigrationActions } from '../model/actions.ts';
import type { Secret } from '../model/secret.ts';
import type { Event } from './events.ts';

export type MigrationEffect =
  /** Null goes on with what was begun. */
  | { do: 'migrate-start'; target: Secret | null }
  | {
      do:
        | 'migrate-cutover'
        | 'migrate-verify'
        | 'migrate-back'
        | 'migrate-finish'
        | 'migrate-abort';
    };

/** @throws UsageError where what is watched has no database that could be moved. */
export function migrationIn({ migration }: Pick<Actions, 'migration'>): MigrationActions {
  if (migration) return migration;
  throw new UsageError({
    code: 'no-migration',
    message: 'The database cannot be moved from here.',
    why: 'No project directory is watched.',
    next: 'Run portsync tui in the directory that holds the .env.',
  });
}

export async function runMigration(
  effect: MigrationEffect,
  actions: Actions,
  dispatch: (event: Event) => void,
): Promise<void> {
  const migration = migrationIn(actions);
  switch (effect.do) {
    case 'migrate-start':
      return start(effect.target, migration, dispatch);
    case 'migrate-cutover':
      return migration.cutover();
    case 'migrate-verify':
      return migration.verify();
    case 'migrate-back':
      return migration.back();
    case 'migrate-finish':
      return migration.finish();
    case 'migrate-abort':
      return migration.abort();
  }
}

async function start(
  target: Secret | null,
  migration: MigrationActions,
  dispatch: (event: Event) => void,
): Promise<void> {
  if (target) dispatch({ type: 'starting', on: true });
  try {
    await migration.start(target?.reveal() ?? null);
  } catch (error) {
    dispatch({ type: 'starting', on: false });
    throw error;
  }
}

/** The screen shows how it goes on, so that most need no closing word. */
export function migrationWords(effect: MigrationEffect): { doing: string; done: string | null } {
  switch (effect.do) {
    case 'migrate-start':
      return effect.target
        ? { doing: 'Starting to move …', done: 'It has begun, and goes on if you leave.' }
        : { doing: 'Going on …', done: 'It goes on.' };
    case 'migrate-cutover':
      return { doing: 'Preparing the cut-over …', done: null };
    case 'migrate-verify':
      return { doing: 'Asking for a comparison …', done: 'Every row is being compared.' };
    case 'migrate-back':
      return { doing: 'Going back …', done: null };
    case 'migrate-finish':
      return { doing: 'Letting go of the old database …', done: null };
    case 'migrate-abort':
      return { doing: 'Stopping the move …', done: null };
  }
}
