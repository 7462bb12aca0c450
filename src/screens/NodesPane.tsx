import { percent } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { Table } from '../components/Table.tsx';
import { emptyRows, troubleRows } from '../components/trouble.ts';
import { type Area, pageOf, problemRows } from '../state/layout.ts';
import { inSight } from '../state/list.ts';
import { sortOf } from '../state/lists.ts';
import { allNodes, nodeRows } from '../state/nodes.ts';
import type { State } from '../state/state.ts';
import { NODE_COLUMNS, nodeDataRow } from './node-rows.ts';
import { filterNote, scrollNote } from './notes.ts';

interface Props {
  state: State;
  area: Area;
  focused: boolean;
  /** Trouble and pressure are told beneath the rows, where no details follow. */
  explained?: boolean;
}

export function NodesPane({ state, area, focused, explained = true }: Props) {
  const width = area.width - 2;
  const page = pageOf(state, 'nodes');
  const seen = inSight(nodeRows(state), (row) => row.id, state.lists.nodes, page);
  const sources = allNodes(state).map(({ name, reading }) => ({ name, reading }));
  const trouble = explained
    ? troubleRows(sources, { width, rows: problemRows(area.height - 2), now: state.now })
    : [];
  const empty = seen.rows.length > 0 ? [] : nothing(state, width);
  const blank = Array.from(
    { length: Math.max(0, page - seen.rows.length - empty.length) },
    () => [],
  );
  const rows = [...empty, ...blank, ...trouble, ...(explained ? [pressure(state, width)] : [])];
  return (
    <Pane title="2 Nodes" note={note(state, seen)} {...area} focused={focused}>
      <Table
        columns={NODE_COLUMNS}
        rows={seen.rows.map((row) => nodeDataRow(row, state.history.nodes, state.now))}
        width={width}
        chosen={focused ? seen.chosen : -1}
        sorted={sortOf(state, 'nodes')}
      />
      <Lines rows={rows} width={width} />
    </Pane>
  );
}

function note(state: State, seen: { above: number; below: number }): Span[] {
  const rows = allNodes(state);
  const count = (of: string) => rows.filter((row) => row.reading.state === of).length;
  if (count('ready') + count('stale') === 0) return [];
  return [
    [`· ${count('ready')} up`, 'dim'],
    ...(count('stale') > 0 ? ([[`, ${count('stale')} stale`, 'look']] as Span[]) : []),
    ...filterNote(state.lists.nodes.filter),
    ...scrollNote(seen),
  ];
}

function nothing(state: State, width: number): Span[][] {
  if (allNodes(state).length > 0)
    return [[[` nothing matches /${state.lists.nodes.filter}`, 'dim']]];
  return emptyRows(Object.values(state.readings.nodes), width);
}

/** Of the node where tasks wait longest. */
function pressure(state: State, width: number): Span[] {
  const known = allNodes(state).flatMap(({ name, figures }) =>
    figures?.pressure ? [{ name, ...figures.pressure }] : [],
  );
  const worst = known.sort(
    (a, b) => Math.max(b.cpu, b.memory, b.io) - Math.max(a.cpu, a.memory, a.io),
  )[0];
  if (!worst) return [];
  const part = (label: string, value: number): Span[] => [
    [` ${label} `, 'dim'],
    [percent(value).padStart(3), value >= 20 ? 'look' : 'plain'],
  ];
  return [
    [' pressure', 'dim'],
    ...part('cpu', worst.cpu),
    ...part('memory', worst.memory),
    ...part('disk', worst.io),
    ...(known.length > 1 && width >= 50 ? ([[`  ${worst.name}`, 'dim']] as Span[]) : []),
  ];
}
