import type { CutoverStep, Migration, MigrationState, StepRecord } from '../model/migration.ts';
import { figures, type Track } from './history.ts';
import type { MigrationKey } from './state.ts';

const RATE_MS = 30_000;
/** Over less, a rate jumps about. */
const LEAST_MS = 3_000;

/** Bytes a second over the last half minute; null until enough was seen. */
export function copyRate({ recent }: Track<MigrationKey>): number | null {
  const last = recent.at(-1);
  if (!last || last.values.copied === null) return null;
  let first = last;
  for (const sample of recent.toReversed()) {
    const { copied } = sample.values;
    const older = copied !== null && copied <= (first.values.copied ?? 0);
    if (!older || last.at - sample.at > RATE_MS) break;
    first = sample;
  }
  const ms = last.at - first.at;
  if (ms < LEAST_MS) return null;
  return ((last.values.copied - (first.values.copied ?? 0)) / ms) * 1000;
}

/** Ms until the data is over, at this rate. */
export function copyLeft({ copy }: Migration, rate: number | null): number | null {
  if (!copy || rate === null || rate <= 0) return null;
  return (Math.max(0, copy.totalBytes - copy.bytes) / rate) * 1000;
}

export function lags({ recent }: Track<MigrationKey>): Array<number | null> {
  return figures<MigrationKey>(recent, 'lag');
}

export interface Phase {
  id: 'preflight' | 'copy' | 'follow' | 'cutover';
  state: 'done' | 'doing' | 'failed' | 'waiting';
  /** How long it took or has taken; null where nothing tells. */
  ms: number | null;
}

/** Where others are is told by what they have. */
const AT: Partial<Record<MigrationState, number>> = {
  preflight: 0,
  copying: 1,
  following: 2,
  ready: 3,
};

/** The way of a migration before its cut-over. */
export function phasesOf(migration: Migration, now: number): Phase[] {
  const { copy, follow, startedAt } = migration;
  const began = Date.parse(startedAt);
  const copyBegan = copy ? Date.parse(copy.startedAt) : null;
  const copyEnded = copy?.endedAt ? Date.parse(copy.endedAt) : null;
  const here = AT[migration.state] ?? (copyBegan === null ? 0 : follow === null ? 1 : 2);
  const ends = [copyBegan, copyEnded, null, null];
  const begins = [began, copyBegan, copyEnded, null];
  const ids = ['preflight', 'copy', 'follow', 'cutover'] as const;
  return ids.map((id, index) => {
    const state = index < here ? 'done' : index > here ? 'waiting' : stateAt(migration);
    const begin = begins[index] ?? null;
    const end = ends[index] ?? (state === 'doing' ? now : null);
    return { id, state, ms: begin !== null && end !== null ? Math.max(0, end - begin) : null };
  });
}

function stateAt({ state }: Migration): Phase['state'] {
  if (state === 'failed') return 'failed';
  return state === 'ready' ? 'waiting' : 'doing';
}

const CUTOVER: readonly CutoverStep[] = [
  'start-colour',
  'hold',
  'freeze',
  'drain',
  'sequences',
  'proof',
  'env',
  'switch',
  'release',
];

export interface CutoverRow {
  step: CutoverStep;
  state: StepRecord['state'] | 'waiting';
  ms: number | null;
}

/** Every step of a cut-over, those to come too. Going back starts where it stands, without proof. */
export function cutoverRows({ cutover }: Migration): CutoverRow[] {
  if (!cutover) return [];
  const known = new Map(cutover.steps.map((record) => [record.step, record]));
  const rows = CUTOVER.map((step): CutoverRow => {
    const record = known.get(step);
    return record ?? { step, state: 'waiting', ms: null };
  });
  // Once it is over, what was not needed is not listed.
  return cutover.outcome === null ? rows : rows.filter(({ state }) => state !== 'waiting');
}
