import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { pad } from '../components/text.ts';
import { type Binding, reasonOf } from '../state/keys/binding.ts';
import { beneath, commandRows } from '../state/keys/commands.ts';
import type { Area } from '../state/layout.ts';
import { inSight } from '../state/list.ts';
import type { State } from '../state/state.ts';
import { keysOf, sentence } from './Boxes.tsx';
import { scrollNote } from './notes.ts';

/** Every key that works on the screen beneath; Enter does what is chosen. */
export function Help({ state, area }: { state: State; area: Area }) {
  const width = area.width - 2;
  const under = beneath(state);
  const seen = inSight(commandRows(state), (row) => row.id, state.lists.help, area.height - 2);
  const rows = seen.rows.map((row, index) =>
    line(row, under, index === seen.chosen, Math.min(width, 96)),
  );
  const note: Span[] = [['· those that work here', 'dim'], ...scrollNote(seen)];
  return (
    <Pane title="All keys" note={note} {...area} focused>
      <Lines rows={rows} width={width} />
    </Pane>
  );
}

const KEYS = 9;
const GROUP = 8;

function line(row: Binding, state: State, chosen: boolean, width: number): Span[] {
  const why = reasonOf(row, state);
  const tone = why === null ? (chosen ? 'title' : 'plain') : 'dim';
  return [
    [chosen ? '›' : ' ', 'accent'],
    [pad(keysOf(row), KEYS, 'right'), why === null ? 'accent' : 'dim'],
    '  ',
    [pad(sentence(row, state, why), width - KEYS - GROUP - 5), tone],
    ' ',
    [pad(row.group, GROUP, 'right'), 'dim'],
  ];
}
