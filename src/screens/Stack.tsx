import { elapsed } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span, Tone } from '../components/spans.ts';
import { pad, wrapped } from '../components/text.ts';
import type { Operation } from '../model/job.ts';
import { chosenVolume } from '../state/keys/stacking.ts';
import type { Area } from '../state/layout.ts';
import type { StackStep, StackWork } from '../state/stack.ts';
import type { State } from '../state/state.ts';
import { problemRows } from './MigrateTarget.tsx';

const TITLES = { up: 'Start the app', down: 'End the app' } as const;

/** The plan of starting or ending everything; while it runs the same list tells how far it is. */
export function Stack({ state, area }: { state: State; area: Area }) {
  const { stack } = state;
  const width = area.width - 2;
  const rows: Span[][] = [
    [],
    [' ', ...headline(stack)],
    [],
    ...(stack.plan?.steps ?? []).flatMap((step, at) => stepRows(state, step, at, width)),
    ...(stack.phase === 'planned' && stack.what === 'down' ? volumeRows(state) : []),
    ...(stack.problem ? [[], ...problemRows(stack.problem, width)] : []),
  ];
  return (
    <Pane
      title={TITLES[stack.what]}
      note={stack.plan ? [[stack.plan.app, 'dim']] : []}
      {...area}
      focused
    >
      <Lines rows={rows.slice(0, area.height - 2)} width={width} />
    </Pane>
  );
}

function headline({ what, phase, plan }: StackWork): Span[] {
  const up = what === 'up';
  switch (phase) {
    case 'idle':
    case 'looking':
      return [['◌', 'dim'], ' Looking at what runs …'];
    case 'planned':
      return plannedLine(up, plan);
    case 'running':
      return [
        [up ? 'Starting' : 'Ending', 'strong'],
        ['   leaving PortSync stops it here', 'dim'],
      ];
    case 'done':
      return up
        ? [['●', 'good'], ' ', [`${plan?.address} serves`, 'strong']]
        : [['○', 'dim'], ' ', ['Ended', 'strong'], ['   u starts it again', 'dim']];
    case 'failed':
      return plan
        ? [
            ['✖', 'bad'],
            ' ',
            ['It stopped; what was done stays, and u goes on from there', 'strong'],
          ]
        : [['✖', 'bad'], ' ', ['Nothing was changed', 'strong']];
  }
}

function plannedLine(up: boolean, plan: StackWork['plan']): Span[] {
  if ((plan?.steps.length ?? 0) > 0) return [['This will be done', 'strong']];
  if (!up) return [['○', 'dim'], ' ', ['Nothing runs', 'strong']];
  return [
    ['●', 'good'],
    ' ',
    [`${plan?.address} serves`, 'strong'],
    ['   all is as the files and this machine ask for', 'dim'],
  ];
}

const MARKS: Record<StackStep['state'] | 'waiting', readonly [string, Tone]> = {
  done: ['✓', 'good'],
  doing: ['●', 'accent'],
  failed: ['✖', 'bad'],
  waiting: ['○', 'dim'],
};
const TIME = 8;

function stepRows({ stack, now }: State, step: Operation, at: number, width: number): Span[][] {
  const known = stack.steps[step.id];
  const running = stack.phase !== 'planned';
  const mark: Span = running ? MARKS[known?.state ?? 'waiting'] : [String(at + 1), 'dim'];
  const tone = running && !known ? 'dim' : 'plain';
  const lines = wrapped(step.words, Math.max(10, width - TIME - 5));
  const took = known ? elapsed(known.state === 'doing' ? now - known.began : known.ms) : '';
  const text = lines.map((line, index): Span[] => [
    ' ',
    index === 0 ? mark : ' ',
    ' ',
    [pad(line, width - TIME - 4), tone],
    [pad(index === 0 ? took : '', TIME, 'right'), 'dim'],
  ]);
  const told = known?.state === 'doing' && stack.line !== '';
  return told ? [...text, ['     ', [stack.line, 'dim']]] : text;
}

/** What stays; the chosen one can be removed, by its name. */
function volumeRows(state: State): Span[][] {
  const volumes = state.stack.plan?.volumes ?? [];
  if (volumes.length === 0) return [];
  const chosen = chosenVolume(state);
  return [
    [],
    [' ', ['The data stays', 'strong']],
    ...volumes.map((volume): Span[] => [
      ' ',
      [volume === chosen ? '›' : ' ', 'accent'],
      ` ${volume}`,
    ]),
  ];
}
