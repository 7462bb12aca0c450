import type { NodeFigures } from '../model/node.ts';
import { dataOf, type Reading } from '../model/reading.ts';
import type { Traffic } from '../model/traffic.ts';
import type { Condition } from './containers.ts';
import { type NodeTraffic, share, trafficNow, trafficOfNode } from './joins.ts';
import { chosenRow, compare, matches, type Sort, type SortKey } from './list.ts';
import { memo } from './memo.ts';
import type { Readings, State } from './state.ts';

export interface NodeRow {
  /** The source's id: a node that never answered has nothing else. */
  id: string;
  name: string;
  reading: Reading<NodeFigures>;
  figures: NodeFigures | null;
  traffic: NodeTraffic | null;
  condition: Condition;
  word: string;
}

export const NODE_SORTS: ReadonlyArray<Sort> = [
  { column: 'name', descending: false },
  { column: 'cpu', descending: true },
  { column: 'memory', descending: true },
  { column: 'disk', descending: true },
  { column: 'requests', descending: true },
  { column: 'p95', descending: true },
];

const everyRow = memo((readings: Readings['nodes'], traffic: Traffic | null) =>
  Object.entries(readings).map(([id, reading]): NodeRow => {
    const figures = dataOf(reading);
    const name = figures?.name ?? id;
    const row = { id, name, reading, figures, traffic: trafficOfNode(traffic, name) };
    return { ...row, ...conditionOf(reading) };
  }),
);

const listed = memo((rows: NodeRow[], filter: string, sort: Sort | null) => {
  const column = sort?.column ?? 'name';
  return rows
    .filter((row) => matches(filter, [row.name, row.figures?.address ?? null, row.word]))
    .sort(
      (a, b) =>
        compare(sortKey(a, column), sortKey(b, column), sort?.descending ?? false) ||
        compare(a.name, b.name, false),
    );
});

/** Every node, joined with what the edge sends to it. */
export function allNodes(state: State): NodeRow[] {
  return everyRow(state.readings.nodes, trafficNow(state));
}

/** Filtered and sorted, as the pane shows them. */
export function nodeRows(state: State): NodeRow[] {
  const { filter, sort } = state.lists.nodes;
  return listed(allNodes(state), filter, sort);
}

export function chosenNode(state: State): NodeRow | null {
  const rows = nodeRows(state);
  return (
    rows[
      chosenRow(
        state.lists.nodes,
        rows.map((row) => row.id),
      )
    ] ?? null
  );
}

/** Shares of memory and disk (0–100) from which a node is worth a look, and from which it is bad. */
export const LIMITS = { look: 90, bad: 97 };

function conditionOf(reading: Reading<NodeFigures>): { condition: Condition; word: string } {
  switch (reading.state) {
    case 'loading':
      return { condition: 'loading', word: 'reading' };
    case 'absent':
      return { condition: 'off', word: 'absent' };
    case 'stale':
      return { condition: 'stale', word: 'no answer' };
    case 'ready':
      return fullness(reading.data);
  }
}

function fullness({ memory, disk }: NodeFigures): { condition: Condition; word: string } {
  const shares = [
    { what: 'disk', percent: share(disk) ?? 0 },
    { what: 'memory', percent: share(memory) ?? 0 },
  ];
  const worst = shares.sort((a, b) => b.percent - a.percent)[0];
  if (!worst || worst.percent < LIMITS.look) return { condition: 'good', word: 'up' };
  const condition = worst.percent >= LIMITS.bad ? 'bad' : 'look';
  return { condition, word: `${worst.what} full` };
}

function sortKey({ name, figures, traffic }: NodeRow, column: string): SortKey {
  switch (column) {
    case 'cpu':
      return figures?.cpuPercent ?? null;
    case 'memory':
      return share(figures?.memory);
    case 'disk':
      return share(figures?.disk);
    case 'requests':
      return traffic?.requestsPerSecond ?? null;
    case 'p95':
      return traffic?.p95Ms ?? null;
    default:
      // This machine first.
      return figures?.address === 'local' ? '' : name;
  }
}
