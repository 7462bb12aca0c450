import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { Table } from '../components/Table.tsx';
import { emptyRows, troubleRows } from '../components/trouble.ts';
import { allContainers, containerRows } from '../state/containers.ts';
import { type Area, pageOf, problemRows } from '../state/layout.ts';
import { inSight } from '../state/list.ts';
import { sortOf } from '../state/lists.ts';
import type { State } from '../state/state.ts';
import { CONTAINER_COLUMNS, containerDataRow } from './container-rows.ts';
import { filterNote, scrollNote } from './notes.ts';

interface Props {
  state: State;
  area: Area;
  focused: boolean;
  /** Whether sources in trouble are explained beneath. */
  explained?: boolean;
}

export function ContainersPane({ state, area, focused, explained = true }: Props) {
  const width = area.width - 2;
  const listing = state.lists.containers;
  const page = pageOf(state, 'containers');
  const seen = inSight(containerRows(state), (row) => row.key, listing, page);
  const sources = Object.entries(state.readings.containers).map(([name, reading]) => ({
    name,
    reading,
  }));
  const trouble = explained
    ? troubleRows(sources, { width, rows: problemRows(area.height - 2), now: state.now })
    : [];
  const empty = seen.rows.length > 0 ? [] : nothing(state, width);
  const blank = Array.from(
    { length: Math.max(0, page - seen.rows.length - empty.length) },
    () => [],
  );
  return (
    <Pane title="1 Containers" note={note(state, seen)} {...area} focused={focused}>
      <Table
        columns={CONTAINER_COLUMNS}
        rows={seen.rows.map((row) => containerDataRow(row, state.now, width))}
        width={width}
        chosen={focused ? seen.chosen : -1}
        sorted={sortOf(state, 'containers')}
      />
      <Lines rows={[...empty, ...blank, ...trouble]} width={width} />
    </Pane>
  );
}

function note(state: State, seen: { above: number; below: number }): Span[] {
  const rows = allContainers(state);
  if (rows.length === 0) return [];
  const bad = rows.filter((row) => row.condition === 'bad').length;
  const stale = rows.filter((row) => row.condition === 'stale').length;
  const up = rows.filter(
    (row) =>
      row.container.state === 'running' && row.condition !== 'bad' && row.condition !== 'stale',
  ).length;
  return [
    [`· ${up} up`, 'dim'],
    ...(bad > 0 ? ([[`, ${bad} failing`, 'bad']] as Span[]) : []),
    ...(stale > 0 ? ([[`, ${stale} stale`, 'look']] as Span[]) : []),
    ...filterNote(state.lists.containers.filter),
    ...scrollNote(seen),
  ];
}

function nothing(state: State, width: number): Span[][] {
  const { filter } = state.lists.containers;
  if (allContainers(state).length > 0) return [[[` nothing matches /${filter}`, 'dim']]];
  const readings = Object.values(state.readings.containers);
  const empty = emptyRows(readings, width);
  if (empty.length > 0 || readings.every(({ state }) => state === 'stale')) return empty;
  return [[[' ○ no containers here', 'dim']]];
}
