import type { Colour } from '../../model/container.ts';
import type { Cutover, Migration, MigrationState, Side } from '../../model/migration.ts';

export interface Colours {
  /** The one that served when the cut-over began. */
  serving: Colour;
  idle: Colour;
}

export interface Ending {
  how: 'finish' | 'abort' | 'rehearsed';
  dropCopy: boolean;
}

/** Written, and on the disk, before the step it names. */
export type Entry =
  | { step: 'begin'; id: string }
  | { step: 'copy' }
  | { step: 'copied' }
  /** A cut-over begins; colours are null where only databases are moved. */
  | { step: 'try'; to: Side; colours: Colours | null }
  /** From here on the app may be on the other database: only forwards. */
  | { step: 'switch' }
  /** It certainly is not, and will not be: everything goes back after all. */
  | { step: 'stay' }
  | { step: 'switched' }
  | { step: 'stayed' }
  | ({ step: 'end' } & Ending)
  | { step: 'ended' };

export interface Attempt {
  to: Side;
  colours: Colours | null;
  /** False: all of it goes back. True: it goes on. */
  decided: boolean;
}

/** Where a migration stands, whatever became of the process that wrote its journal. */
export interface Position {
  id: string | null;
  /** The database that the app is on, or goes back to if the attempt is not decided. */
  serving: Side;
  /** Something may have been made at the two servers. */
  touched: boolean;
  copied: boolean;
  attempt: Attempt | null;
  ending: Ending | null;
  ended: boolean;
}

const START: Position = {
  id: null,
  serving: 'source',
  touched: false,
  copied: false,
  attempt: null,
  ending: null,
  ended: false,
};

export function positionOf(entries: readonly Entry[]): Position {
  return entries.reduce(advance, START);
}

export function advance(position: Position, entry: Entry): Position {
  const { attempt, serving } = position;
  switch (entry.step) {
    case 'begin':
      return { ...START, id: entry.id };
    case 'copy':
      return { ...position, touched: true };
    case 'copied':
      return { ...position, copied: true };
    case 'try':
      return {
        ...position,
        attempt: { to: entry.to, colours: entry.colours, decided: false },
      };
    case 'switch':
      return { ...position, attempt: attempt && { ...attempt, decided: true } };
    case 'stay':
      return { ...position, attempt: attempt && { ...attempt, decided: false } };
    case 'switched':
      return { ...position, serving: attempt?.to ?? serving, attempt: null };
    case 'stayed':
      return { ...position, attempt: null };
    case 'end':
      return { ...position, ending: { how: entry.how, dropCopy: entry.dropCopy } };
    case 'ended':
      return { ...position, ended: true };
  }
}

/** The state to go on from: what the picture says, where a death did not leave it behind the journal. */
export function stateAt(position: Position, picture: Migration | null): MigrationState {
  const { attempt, serving, touched } = position;
  if (attempt) return 'cutting-over';
  const state = picture?.state ?? (touched ? 'copying' : 'idle');
  if (serving === 'target') return BEHIND.has(state) ? 'switched' : state;
  if (state !== 'cutting-over') return state;
  return picture?.cutover?.way === 'back' ? 'returned' : 'ready';
}

/** What became of the last cut-over, where a death came before the picture that says so. */
export function cutoverAt({ attempt, serving }: Position, cutover: Cutover): Cutover {
  if (attempt || cutover.outcome !== null) return cutover;
  const to: Side = cutover.way === 'forward' ? 'target' : 'source';
  const switched = serving === to && cutover.way !== 'rehearsal';
  return { ...cutover, waiting: 0, outcome: switched ? 'switched' : 'went-back' };
}

/** No state of an app that is on the new database. */
const BEHIND: ReadonlySet<MigrationState> = new Set(['idle', 'copying', 'cutting-over']);

export function otherSide(side: Side): Side {
  return side === 'source' ? 'target' : 'source';
}
