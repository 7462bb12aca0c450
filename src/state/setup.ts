import type { Problem } from '../model/problem.ts';
import type { SetupPlan, SetupWish } from '../model/starter.ts';
import type { Event } from './events.ts';
import { chosenRow } from './list.ts';
import type { State } from './state.ts';

/** What was filled in for a new project, and what would be written of it. */
export interface SetupDraft {
  /** Null until the form was opened. */
  wish: SetupWish | null;
  /** Counts the looks, so that an answer to an older one is told apart. */
  look: number;
  looking: boolean;
  /** Null until the look of now has answered. */
  answer: SetupPlan | Problem | null;
}

export const emptySetup: SetupDraft = { wish: null, look: 0, looking: false, answer: null };

export type SetupText = 'dir' | 'image' | 'domain' | 'certificate';

/** A line of the form. `plan` is no setting but the way on. */
export type SetupRow =
  | { id: SetupText; kind: 'text'; title: string; help: string }
  | { id: 'source' | 'database'; kind: 'choice'; title: string; options: Options }
  | { id: 'plan'; kind: 'go'; title: string };

type Options = ReadonlyArray<readonly [value: string, words: string]>;

const SOURCES: Options = [
  ['starter', 'the starter app, yours to change'],
  ['image', 'an image of my own'],
  ['dockerfile', 'the Dockerfile in the directory'],
];
const DATABASES: Options = [
  ['postgres', 'PostgreSQL, here'],
  ['mongo', 'MongoDB, here'],
  ['none', 'elsewhere: DATABASE_URL in .env says where'],
];

const ROWS: readonly SetupRow[] = [
  text(
    'dir',
    'Directory',
    'Where the app’s files are, or shall be. A compose file in it is adopted.',
  ),
  { id: 'source', kind: 'choice', title: 'App', options: SOURCES },
  text('image', 'Image', 'As docker pull takes it: ghcr.io/acme/shop:1.4'),
  { id: 'database', kind: 'choice', title: 'Database', options: DATABASES },
  text('domain', 'Domain', 'shop.example.org; empty where there is none yet.'),
  text('certificate', 'TLS file', 'Certificate, chain and key in one PEM file; empty serves HTTP.'),
  { id: 'plan', kind: 'go', title: 'Show what will be written' },
];

function text(id: SetupText, title: string, help: string): SetupRow {
  return { id, kind: 'text', title, help };
}

export function setupRows({ setup }: State): SetupRow[] {
  return ROWS.filter(({ id }) => id !== 'image' || setup.wish?.source === 'image');
}

export function chosenSetupRow(state: State): SetupRow {
  const rows = setupRows(state);
  const ids = rows.map(({ id }) => id);
  return rows[chosenRow(state.lists.setup, ids)] ?? (ROWS[0] as SetupRow);
}

export function startingWish(dir: string): SetupWish {
  return { dir, source: 'starter', image: '', database: 'postgres', domain: '', certificate: '' };
}

/** The choice `by` places on, round and round. */
export function turned(wish: SetupWish, row: SetupRow, by: number): Partial<SetupWish> {
  if (row.kind !== 'choice') return {};
  const at = row.options.findIndex(([value]) => value === wish[row.id]);
  const next = row.options[(at + by + row.options.length) % row.options.length];
  return { [row.id]: next?.[0] };
}

export function setupPlanOf({ setup: { answer } }: State): SetupPlan | null {
  return answer && 'outcome' in answer ? answer : null;
}

export type SetupEvent = Extract<Event, { type: 'setup-set' | 'setup-look' | 'setup-planned' }>;

export function setupEvent(state: State, event: SetupEvent): State {
  const { setup } = state;
  switch (event.type) {
    case 'setup-set': {
      const before = setup.wish ?? startingWish('');
      return { ...state, setup: { ...setup, wish: { ...before, ...event.wish } } };
    }
    case 'setup-look':
      return { ...state, setup: { ...setup, look: setup.look + 1, looking: true, answer: null } };
    case 'setup-planned':
      if (event.look !== setup.look) return state;
      return { ...state, setup: { ...setup, looking: false, answer: event.answer } };
  }
}
