import { hundredths, latency, plural } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { largeDigits } from '../components/large-digits.ts';
import { Pane } from '../components/Pane.tsx';
import { progressBar } from '../components/progress.ts';
import type { Span, Tone } from '../components/spans.ts';
import { pad } from '../components/text.ts';
import { placeIn } from '../model/mask-url.ts';
import type { Cutover, Migration } from '../model/migration.ts';
import type { Area } from '../state/layout.ts';
import { heldSince, isStalled } from '../state/migration.ts';
import { type CutoverRow, cutoverRows } from '../state/migration-progress.ts';
import type { State } from '../state/state.ts';
import { CUTOVER_STEPS } from './migrate-words.ts';

interface Props {
  state: State;
  migration: Migration;
  area: Area;
}

/** Requests wait: for how long, how many, for what, and when everything goes back by itself. */
export function MigratePause({ state, migration, area }: Props) {
  const width = area.width - 2;
  const { cutover } = migration;
  const since = heldSince(migration);
  const ms = cutover?.heldMs ?? (since === null ? 0 : Math.max(0, state.now - since));
  const rows: Span[][] = [
    [],
    ...clockRows(ms, since !== null),
    [],
    ...(cutover ? waitRows(migration, cutover, ms, width) : []),
    [],
    ...cutoverRows(migration).map(stepRow),
  ];
  return (
    <Pane title={TITLES[cutover?.way ?? 'forward']} note={note(migration)} {...area} focused>
      <Lines rows={rows.slice(0, area.height - 2)} width={width} />
    </Pane>
  );
}

const TITLES: Record<Cutover['way'], string> = {
  forward: 'Cutting over',
  back: 'Going back',
  rehearsal: 'Rehearsing the cut-over',
};

function note({ cutover, source, target }: Migration): Span[] {
  return [[`→ ${placeIn(cutover?.way === 'back' ? source : target)}`, 'dim']];
}

function clockRows(ms: number, held: boolean): Span[][] {
  const digits = largeDigits(hundredths(ms));
  return digits.map((line, index) => [
    '   ',
    [line, held ? 'title' : 'dim'],
    index === digits.length - 1 ? '  s' : '',
  ]);
}

function waitRows(migration: Migration, cutover: Cutover, ms: number, width: number): Span[][] {
  const { waiting, deadlineMs } = cutover;
  if (isStalled(migration)) {
    return [
      [
        [' ▲ ', 'look'],
        ['Nothing works on it any more: R brings it to an end', 'strong'],
      ],
      ['   ', ['Requests that waited went on at the deadline.', 'dim']],
      [],
    ];
  }
  if (heldSince(migration) === null) return [['   ', ['No request waits yet', 'strong']], [], []];
  const limit = `${hundredths(deadlineMs)} s`;
  const bar = Math.max(10, Math.min(50, width - 10));
  const tone = ms > deadlineMs / 2 ? 'look' : 'accent';
  return [
    ['   ', [`${plural(waiting, 'request')} waiting`, 'strong']],
    ['   ', ...progressBar((ms / deadlineMs) * 100, bar, tone)],
    ['   ', [`at ${limit} everything goes back by itself, nothing lost`, 'dim']],
  ];
}

const MARKS: Record<CutoverRow['state'], readonly [string, Tone]> = {
  done: ['✓', 'good'],
  doing: ['●', 'accent'],
  failed: ['✖', 'bad'],
  waiting: ['○', 'dim'],
};

/** A step, and how long after the first held request it was done. */
export function stepRow({ step, state, ms }: CutoverRow): Span[] {
  const tone = state === 'doing' ? 'strong' : state === 'waiting' ? 'dim' : 'plain';
  const at = ms === null || state === 'doing' ? '' : latency(ms);
  return [
    '   ',
    MARKS[state],
    ' ',
    [pad(CUTOVER_STEPS[step], 28), tone],
    [pad(at, 8, 'right'), 'dim'],
    [step === 'start-colour' && at !== '' ? '  before the pause' : '', 'dim'],
  ];
}
