import { plural } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { Table } from '../components/Table.tsx';
import { emptyRows, lastSeen, troubleRows } from '../components/trouble.ts';
import { dataOf } from '../model/reading.ts';
import { only } from '../state/joins.ts';
import { type Area, pageOf, problemRows } from '../state/layout.ts';
import { inSight } from '../state/list.ts';
import type { State } from '../state/state.ts';
import { versionRows } from '../state/versions.ts';
import { filterNote, scrollNote } from './notes.ts';
import { VERSION_COLUMNS, versionDataRow } from './version-rows.ts';

interface Props {
  state: State;
  area: Area;
  focused: boolean;
  title?: string;
}

export function EnvPane({ state, area, focused, title = '4 .env' }: Props) {
  const width = area.width - 2;
  const reading = only(state, 'env');
  const history = dataOf(reading);
  const page = pageOf(state, 'versions');
  const seen = inSight(versionRows(state), (row) => row.id, state.lists.versions, page);
  const { now } = state;
  const trouble = troubleRows([{ name: '.env', reading }], {
    width,
    rows: problemRows(area.height - 2),
    now,
  });
  const empty = seen.rows.length > 0 ? [] : nothing(state, width);
  const blank = Array.from(
    { length: Math.max(0, page - seen.rows.length - empty.length) },
    () => [],
  );
  return (
    <Pane title={title} note={[...note(state), ...scrollNote(seen)]} {...area} focused={focused}>
      <Table
        columns={VERSION_COLUMNS}
        rows={seen.rows.map((version) => versionDataRow(version, history?.current ?? null))}
        width={width}
        chosen={focused ? seen.chosen : -1}
      />
      <Lines rows={[...empty, ...blank, ...trouble]} width={width} />
    </Pane>
  );
}

function note(state: State): Span[] {
  const reading = only(state, 'env');
  const history = dataOf(reading);
  if (!history) return [];
  const step: Span = history.current === null ? [', changed since', 'look'] : [', in step', 'dim'];
  const stale: Span[] =
    reading.state === 'stale' ? [[`, ${lastSeen(reading, state.now)}`, 'look']] : [];
  const filter = filterNote(state.lists.versions.filter);
  return [[`· ${plural(history.versions.length, 'version')}`, 'dim'], step, ...stale, ...filter];
}

function nothing(state: State, width: number): Span[][] {
  const reading = only(state, 'env');
  const history = dataOf(reading);
  if (!history) return emptyRows([reading], width);
  if (history.versions.length === 0) return [[[' ○ no version kept yet', 'dim']]];
  return [[[` nothing matches /${state.lists.versions.filter}`, 'dim']]];
}
