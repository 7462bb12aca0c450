import { readFile } from 'node:fs/promises';
import { ExternalError } from '../../errors.ts';
import type { Migration, MigrationState } from '../../model/migration.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { thisProcess } from '../lock/holder.ts';
import { isHeld } from '../lock/lock.ts';
import type { Places } from './places.ts';

const ENDED: readonly MigrationState[] = ['idle', 'finished', 'aborted', 'returned'];

/** What is known of a project's migration now; null where none was ever begun. */
export async function lookAt(places: Places): Promise<Migration | null> {
  const text = await readFile(places.state, 'utf8').catch(nullIfMissing(places.state));
  if (text === null) return null;
  const migration: Migration = JSON.parse(text);
  return (await isWorkedOn(places)) ? migration : { ...migration, worker: null };
}

/** From its first look until it is finished, given up or undone both databases are needed. */
export async function needsBoth(places: Places): Promise<boolean> {
  const migration = await lookAt(places);
  return migration !== null && !ENDED.includes(migration.state);
}

/** Whether a process holds the migration; the state alone would outlive it. */
export async function isWorkedOn(places: Places): Promise<boolean> {
  const held = await nodeDisk.readLink(places.lock);
  return held !== null && isHeld(thisProcess, held);
}

function nullIfMissing(file: string): (error: NodeJS.ErrnoException) => null {
  return (error) => {
    if (error.code === 'ENOENT') return null;
    throw new ExternalError({
      code: 'migration-unreadable',
      message: 'What is known of the migration could not be read.',
      why: `${file}: ${error.message}`,
      next: 'Run PortSync as the user who owns the project directory.',
      cause: error,
    });
  };
}
