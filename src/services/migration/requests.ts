import type { UsageError } from '../../errors.ts';
import type { Migration, MigrationState } from '../../model/migration.ts';
import { refused, WATCH } from './problems.ts';

export type Asked = 'cutover' | 'back' | 'verify' | 'finish' | 'abort';

const ALLOWED: Readonly<Record<Asked, readonly MigrationState[]>> = {
  cutover: ['ready', 'returned'],
  back: ['switched'],
  verify: ['ready', 'switched', 'returned'],
  finish: ['switched', 'returned'],
  abort: ['preflight', 'copying', 'following', 'ready', 'cutting-over', 'returned', 'failed'],
};

/** Why `asked` cannot be done to a migration now; null where it can. */
export function refusalOf(migration: Migration, asked: Asked, busy: boolean): UsageError | null {
  const { state, follow, wayBack } = migration;
  if (!ALLOWED[asked].includes(state)) {
    return refused(`${NAMES[asked]} is not possible now.`, STATES[state], nextFor(state));
  }
  if (busy) {
    return refused('Another step is under way.', 'One thing is done at a time.', WATCH);
  }
  if (asked === 'back' && !wayBack.open) {
    return refused(
      'The way back is not open.',
      wayBack.why ?? 'The old database is not in step yet.',
      'portsync migrate status shows when it is.',
    );
  }
  if (asked === 'cutover' && state === 'returned' && follow === null) {
    return refused('The new database is not in step yet.', STATES.following, WATCH);
  }
  return null;
}

const NAMES: Readonly<Record<Asked, string>> = {
  cutover: 'Cutting over',
  back: 'Going back',
  verify: 'Comparing',
  finish: 'Finishing',
  abort: 'Giving up',
};

const STATES: Readonly<Record<MigrationState, string>> = {
  idle: 'No migration was begun.',
  preflight: 'The two databases are being looked at.',
  copying: 'The data is being copied.',
  following: 'The new database is catching up.',
  ready: 'The new database is in step; the app runs on the old one.',
  'cutting-over': 'A cut-over is under way.',
  switched: 'The app runs on the new database.',
  returned: 'The app runs on the old database again.',
  finished: 'The migration is finished.',
  aborted: 'The migration was given up.',
  failed: 'The migration has failed; the app runs on the old database.',
};

function nextFor(state: MigrationState): string {
  if (state === 'switched')
    return 'Go back with portsync migrate back, or let go with portsync migrate finish.';
  if (state === 'ready') return 'portsync migrate cutover, or portsync migrate abort.';
  if (state === 'failed')
    return 'Go on with portsync migrate, or give up with portsync migrate abort.';
  if (state === 'idle' || state === 'finished' || state === 'aborted')
    return 'Begin one with portsync migrate TARGET.';
  return WATCH;
}
