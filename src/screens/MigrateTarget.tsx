import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { wrapped } from '../components/text.ts';
import type { Problem } from '../model/problem.ts';
import type { Area } from '../state/layout.ts';
import { maskedField } from '../state/migration-target.ts';
import { type State, topOf } from '../state/state.ts';
import { fieldSpans } from './Boxes.tsx';
import { databaseRows } from './database-rows.ts';

const HELP = [
  'Paste its connection string: postgres://user:password@host:5432/name, or mongodb://…',
  'Supabase, Neon, RDS, Atlas, or any server that this machine reaches. The password is hidden as you type and stays on this machine. Enter only looks; nothing is changed.',
];

/** What runs now, and where it shall move. */
export function MigrateTarget({ state, area }: { state: State; area: Area }) {
  const width = area.width - 2;
  const top = topOf(state);
  const box = top?.name === 'target' ? top : null;
  const input: Span[] = box
    ? [[' › ', 'accent'], ...fieldSpans(maskedField(box.field))]
    : [
        [' › ', 'dim'],
        ['press enter, or paste', 'dim'],
      ];
  const rows: Span[][] = [
    [],
    [' ', ['What runs now', 'strong']],
    ...databaseRows(state, width),
    [],
    [' ', ['Where it shall move', 'strong']],
    input,
    [],
    ...(box?.problem ? problemRows(box.problem, width) : help(width)),
  ];
  return (
    <Pane title="Move the database" {...area} focused>
      <Lines rows={rows.slice(0, area.height - 2)} width={width} />
    </Pane>
  );
}

function help(width: number): Span[][] {
  return HELP.flatMap((text) =>
    wrapped(text, Math.min(width - 2, 84)).map((line): Span[] => [' ', [line, 'dim']]),
  );
}

/** What is wrong, why, and what to do. */
export function problemRows({ message, why, next }: Problem, width: number): Span[][] {
  const most = Math.min(width - 4, 96);
  const words = [message, why].filter(Boolean).join(' ');
  return [
    ...wrapped(words, most).map((line, index): Span[] => [
      index === 0 ? [' ✖ ', 'bad'] : '   ',
      line,
    ]),
    ...wrapped(next ?? '', most).map((line): Span[] => ['   ', [line, 'dim']]),
  ];
}
