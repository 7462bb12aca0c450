import { hundredths, perSecond, whole } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { largeDigits } from '../components/large-digits.ts';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { sparkline } from '../components/sparkline.ts';
import type { Migration } from '../model/migration.ts';
import { peak } from '../state/history.ts';
import { cutoverSteps } from '../state/keys/migration-questions.ts';
import type { Area } from '../state/layout.ts';
import { isStalled } from '../state/migration.ts';
import { lags } from '../state/migration-progress.ts';
import type { State } from '../state/state.ts';
import { problemRows } from './MigrateTarget.tsx';
import { stepHeadline, targetNote } from './MigrateUnderWay.tsx';

interface Props {
  state: State;
  migration: Migration;
  area: Area;
}

/** Both databases are one but for a moment: how long that is, and what cutting over will do. */
export function MigrateInStep({ state, migration, area }: Props) {
  const width = area.width - 2;
  const tries = lastTry(migration, width);
  const rows: Span[][] = [
    [],
    stepHeadline(headline(migration), migration, width),
    [],
    ...lagRows(state, migration, width),
    [],
    ...tries,
  ];
  const steps = stepRows(migration);
  // Whoever has tried once knows them, and the question shows them again.
  const fits = tries.length === 0 || rows.length + steps.length <= area.height - 2;
  if (fits) rows.push(...steps);
  return (
    <Pane title="Move the database" note={targetNote(migration)} {...area} focused>
      <Lines rows={rows.slice(0, area.height - 2)} width={width} />
    </Pane>
  );
}

function stepRows(migration: Migration): Span[][] {
  return [
    [
      [' c', 'accent'],
      [' cuts over:', 'strong'],
    ],
    ...cutoverSteps(migration).map((text, index): Span[] => [[` ${index + 1} `, 'dim'], text]),
  ];
}

function headline(migration: Migration): Span[] {
  if (isStalled(migration)) {
    return [' ', ['▲', 'look'], ' ', ['Nothing works on it: R goes on', 'strong']];
  }
  const rehearsal = migration.rehearsal ? ', for a rehearsal' : '';
  return [' ', ['●', 'good'], ' ', [`In step${rehearsal}`, 'strong']];
}

function lagRows(state: State, { follow }: Migration, width: number): Span[][] {
  const lag = follow?.lagMs ?? null;
  const digits = largeDigits(lag === null ? '–' : hundredths(lag));
  const course = lags(state.history.migration);
  const room = Math.max(0, Math.min(60, width - 24));
  const most = peak(course.slice(-room));
  const last = digits.length - 1;
  return [
    ...digits.map((line, index): Span[] => [
      '   ',
      [line, lag !== null && lag > 2000 ? 'look' : 'strong'],
      index === last ? '  s behind' : '',
    ]),
    [],
    [
      '   ',
      [sparkline(course, room), 'accent'],
      [most === null ? '' : `  most ${hundredths(most)} s`, 'dim'],
    ],
    [
      '   ',
      [
        `${whole(follow?.changes ?? 0)} changes applied, ${perSecond(follow?.changesPerSecond ?? 0)}/s`,
        'dim',
      ],
    ],
  ];
}

/** A cut-over that went back leaves everything in step, and says why. */
function lastTry({ cutover, problem, follow }: Migration, width: number): Span[][] {
  const why =
    problem ?? follow?.waiting ?? (cutover?.outcome === 'went-back' ? cutover.problem : null);
  return why ? [...problemRows(why, width), []] : [];
}
