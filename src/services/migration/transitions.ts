import type { MigrationState } from '../../model/migration.ts';

/** What can happen to a migration. `stayed-…`: a cut-over went back, and the app is where it was. */
export type Happening =
  | 'begun'
  | 'checked'
  | 'copied'
  | 'in-step'
  | 'fell-behind'
  | 'cutting-over'
  | 'switched'
  | 'returned'
  | 'stayed-with-source'
  | 'stayed-with-target'
  | 'finished'
  | 'aborted'
  | 'failed'
  | 'resumed';

type Row = Partial<Record<Happening, MigrationState>>;

/** Before the switch it can be given up at any time, and a failure changes nothing for the app. */
const BEFORE: Row = { aborted: 'aborted', failed: 'failed' };

export const TRANSITIONS: Readonly<Record<MigrationState, Row>> = {
  idle: { begun: 'preflight' },
  preflight: { ...BEFORE, checked: 'copying' },
  copying: { ...BEFORE, copied: 'following' },
  following: { ...BEFORE, 'in-step': 'ready', 'cutting-over': 'cutting-over' },
  ready: {
    ...BEFORE,
    'fell-behind': 'following',
    'cutting-over': 'cutting-over',
    // A rehearsal ends here.
    finished: 'finished',
  },
  'cutting-over': {
    switched: 'switched',
    returned: 'returned',
    'stayed-with-source': 'ready',
    'stayed-with-target': 'switched',
  },
  switched: { 'cutting-over': 'cutting-over', finished: 'finished' },
  returned: { 'cutting-over': 'cutting-over', finished: 'finished', aborted: 'aborted' },
  finished: { begun: 'preflight' },
  aborted: { begun: 'preflight' },
  failed: { resumed: 'preflight', aborted: 'aborted' },
};

/** @throws Error, a bug, where that cannot happen in this state. */
export function stateAfter(state: MigrationState, happening: Happening): MigrationState {
  const next = TRANSITIONS[state][happening];
  if (next) return next;
  throw new Error(`“${happening}” cannot happen to a migration that is ${state}.`);
}
