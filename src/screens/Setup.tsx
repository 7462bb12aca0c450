import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { pad, wrapped } from '../components/text.ts';
import type { SetupLine, SetupPlan } from '../model/starter.ts';
import { type Area, pageOf } from '../state/layout.ts';
import { inSight } from '../state/list.ts';
import { chosenSetupRow, type SetupRow, setupPlanOf, setupRows } from '../state/setup.ts';
import { type State, topOf } from '../state/state.ts';
import { fieldSpans } from './Boxes.tsx';
import { problemRows } from './MigrateTarget.tsx';

const TITLE = 'Starter set-up';
const LABEL = 11;

/** What an app on this machine shall be: filled in, nothing done. */
export function Setup({ state, area }: { state: State; area: Area }) {
  const width = area.width - 2;
  const chosen = chosenSetupRow(state);
  const rows: Span[][] = [
    [],
    [' ', ['An app, its database and a load balancer on this machine', 'strong']],
    [],
    ...setupRows(state).flatMap((row) => formRow(state, row, row.id === chosen.id)),
    [],
    ...wrapped(helpOf(chosen), Math.min(width - 2, 84)).map((line): Span[] => [' ', [line, 'dim']]),
  ];
  return (
    <Pane title={TITLE} {...area} focused>
      <Lines rows={rows.slice(0, area.height - 2)} width={width} />
    </Pane>
  );
}

function formRow(state: State, row: SetupRow, chosen: boolean): Span[][] {
  const sign: Span[] = [' ', [chosen ? '›' : ' ', 'accent'], ' '];
  const tone = chosen ? 'title' : 'plain';
  if (row.kind === 'go') return [[], [...sign, [row.title, tone]]];
  return [[...sign, [pad(row.title, LABEL), tone], ...valueSpans(state, row, chosen)]];
}

function valueSpans(
  state: State,
  row: Exclude<SetupRow, { kind: 'go' }>,
  chosen: boolean,
): readonly Span[] {
  const top = topOf(state);
  if (top?.name === 'entry' && top.row === row.id) return fieldSpans(top.field);
  const value = state.setup.wish?.[row.id] ?? '';
  if (row.kind === 'text') return value === '' ? [['–', 'dim']] : [value];
  const words = row.options.find(([option]) => option === value)?.[1] ?? '';
  return chosen ? [['‹ ', 'accent'], words, [' ›', 'accent']] : [words];
}

function helpOf(row: SetupRow): string {
  if (row.kind === 'text') return row.help;
  if (row.kind === 'go') return 'Nothing is written before you have seen it.';
  return `${row.options.length} choices: ← and → go through them.`;
}

/** Which files will be written, and what becomes of a compose file that is there. */
export function SetupPlanScreen({ state, area }: { state: State; area: Area }) {
  const width = area.width - 2;
  const plan = setupPlanOf(state);
  const rows = plan ? planRows(state, plan) : noPlan(state, width);
  return (
    <Pane title={TITLE} note={plan ? [[plan.dir, 'dim']] : []} {...area} focused>
      <Lines rows={rows.slice(0, area.height - 2)} width={width} />
    </Pane>
  );
}

function noPlan({ setup: { answer } }: State, width: number): Span[][] {
  if (answer && 'code' in answer) return [[], ...problemRows(answer, width)];
  return [[], [' ', ['◌', 'dim'], ' Looking at the directory …']];
}

const HEADS: Record<SetupPlan['outcome'], Span[]> = {
  write: [' ', ['This will be written; nothing that is there is overwritten', 'strong']],
  nothing: [' ', ['Everything is there already', 'strong']],
  refused: [' ', ['✖', 'bad'], ' ', ['The compose file cannot be adopted as it is', 'strong']],
};

function planRows(state: State, { lines, outcome }: SetupPlan): Span[][] {
  const page = pageOf(state, 'setupPlan');
  const numbered = lines.map((line, index) => ({ line, id: String(index) }));
  const seen = inSight(numbered, ({ id }) => id, state.lists.setupPlan, page);
  const all = lines.length <= page;
  return [
    [],
    HEADS[outcome],
    [],
    ...seen.rows.map(({ line }, index) => planRow(line, !all && index === seen.chosen)),
  ];
}

const TONES = { '+': 'good', '~': 'look', '!': 'look', '✖': 'bad', ' ': 'dim' } as const;

function planRow({ sign, text }: SetupLine, chosen: boolean): Span[] {
  const mark: Span = [sign, TONES[sign]];
  return [[chosen ? '›' : ' ', 'accent'], mark, ' ', [text, sign === ' ' ? 'dim' : 'plain']];
}
