import {
  bytesLong,
  clock,
  elapsed,
  hundredths,
  perSecond,
  plural,
  whole,
} from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import { progressBar } from '../components/progress.ts';
import { apart, type Span, spansWidth, type Tone } from '../components/spans.ts';
import { sparkline } from '../components/sparkline.ts';
import { pad } from '../components/text.ts';
import { placeIn } from '../model/mask-url.ts';
import type { Migration } from '../model/migration.ts';
import type { Area } from '../state/layout.ts';
import { copiedPercent, isStalled } from '../state/migration.ts';
import { copyLeft, copyRate, lags, type Phase, phasesOf } from '../state/migration-progress.ts';
import type { State } from '../state/state.ts';
import { problemRows } from './MigrateTarget.tsx';
import { COPY_STEPS, PHASES, rowsOf } from './migrate-words.ts';
import { objectRows } from './object-rows.ts';

interface Props {
  state: State;
  migration: Migration;
  area: Area;
}

/** Preflight, copy and catching up: how far, how fast, how long still. */
export function MigrateUnderWay({ state, migration, area }: Props) {
  const width = area.width - 2;
  const most = area.height - 2;
  const [first = [], ...rest] = headline(state, migration, width);
  const top = [
    [],
    stepHeadline(first, migration, width),
    ...rest,
    [],
    ...phasesOf(migration, state.now).map((phase) => phaseRow(phase, migration)),
    ...troubles(migration, width),
    [],
  ];
  const rows = [...top, ...objectRows(migration, width, most - top.length)];
  return (
    <Pane title="Move the database" note={targetNote(migration)} {...area} focused>
      <Lines rows={rows.slice(0, most)} width={width} />
    </Pane>
  );
}

/** In the title: where to. */
export function targetNote({ target }: Migration): Span[] {
  return [[`→ ${placeIn(target)}`, 'dim']];
}

/** The first line of a step; behind it, that nobody has to stay. */
export function stepHeadline(spans: readonly Span[], migration: Migration, width: number): Span[] {
  const since = `since ${clock(Date.parse(migration.startedAt))}`;
  const words = migration.worker ? `${since}, goes on if you leave ` : `${since} `;
  const room = width - spansWidth(spans) - words.length > 2;
  return apart(spans, room ? [[words, 'dim']] : [], width);
}

function headline(state: State, migration: Migration, width: number): Span[][] {
  if (migration.state === 'failed')
    return [title('✖', 'bad', 'The move failed; the app goes on as before')];
  if (isStalled(migration))
    return [title('▲', 'look', 'The move has stopped: nothing works on it')];
  if (migration.state === 'preflight') return [title('●', 'good', 'Looking at both servers')];
  if (migration.state === 'following') return catchingUp(state, migration, width);
  return copying(state, migration, width);
}

function title(sign: string, tone: Tone, text: string): Span[] {
  return [' ', [sign, tone], ' ', [text, 'strong']];
}

function copying(state: State, migration: Migration, width: number): Span[][] {
  const { copy } = migration;
  const percent = copiedPercent(migration);
  if (!copy || percent === null) return [title('●', 'good', 'Copying')];
  const rate = copyRate(state.history.migration);
  const left = copyLeft(migration, rate);
  const bar = Math.min(width - 2, 100);
  const done = `${bytesLong(copy.bytes)} of ${bytesLong(copy.totalBytes)}`;
  const speed = rate === null ? '' : `${bytesLong(rate)}/s`;
  return [
    [
      ' ',
      [`${Math.floor(percent)}% copied`, 'strong'],
      left === null || copy.step !== 'data' ? '' : `   about ${elapsed(left)} left`,
    ],
    [' ', ...progressBar(percent, bar)],
    [
      ' ',
      [pad(done, 22), 'plain'],
      [pad(speed, 13), 'dim'],
      [`${whole(copy.rows)} ${rowsOf(migration.kind)}`, 'dim'],
    ],
  ];
}

function catchingUp(state: State, { follow }: Migration, width: number): Span[][] {
  const lag = follow?.lagMs ?? null;
  const behind = follow?.behindBytes ?? null;
  const course = lags(state.history.migration);
  const more = [
    behind === null ? '' : `${bytesLong(behind)} of log to read`,
    `${whole(follow?.changes ?? 0)} changes applied, ${perSecond(follow?.changesPerSecond ?? 0)}/s`,
  ].filter(Boolean);
  return [
    [' ', [lag === null ? 'Catching up' : `${hundredths(lag)} s behind, catching up`, 'strong']],
    [' ', [sparkline(course, Math.min(width - 2, 60)), 'accent']],
    [' ', [more.join('   '), 'dim']],
  ];
}

const MARKS: Record<Phase['state'], readonly [string, Tone]> = {
  done: ['✓', 'good'],
  doing: ['●', 'accent'],
  failed: ['✖', 'bad'],
  waiting: ['○', 'dim'],
};

function phaseRow({ id, state, ms }: Phase, migration: Migration): Span[] {
  const tone = state === 'doing' ? 'strong' : state === 'waiting' ? 'dim' : 'plain';
  return [
    ' ',
    MARKS[state],
    ' ',
    [pad(PHASES[id], 10), tone],
    [pad(ms === null ? '' : elapsed(ms), 8, 'right'), tone],
    '   ',
    [detailOf(id, state, migration), state === 'doing' ? 'plain' : 'dim'],
  ];
}

function detailOf(id: Phase['id'], state: Phase['state'], { preflight, copy, kind }: Migration) {
  if (id === 'preflight') {
    const look = preflight?.findings.filter(({ severity }) => severity === 'warning').length ?? 0;
    return look > 0 ? `${plural(look, 'thing')} to look at` : '';
  }
  if (id === 'copy' && copy) {
    if (state !== 'done') return COPY_STEPS[copy.step];
    return `${bytesLong(copy.bytes)}, ${whole(copy.rows)} ${rowsOf(kind)}`;
  }
  if (id === 'follow') return state === 'waiting' ? 'what changes meanwhile' : '';
  return id === 'cutover' ? 'c, when in step' : '';
}

/** Why it does not go on, or only waits, and what to do. */
function troubles(migration: Migration, width: number): Span[][] {
  const problem = migration.problem ?? migration.follow?.waiting ?? null;
  return problem ? [[], ...problemRows(problem, width)] : [];
}
