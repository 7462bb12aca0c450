import type { Colour, Container } from '../model/container.ts';
import { dataOf } from '../model/reading.ts';
import { containerKey, trafficNow } from './joins.ts';
import { chosenRow, compare, type Listing, matches, type Sort, type SortKey } from './list.ts';
import { memo } from './memo.ts';
import type { Readings, State } from './state.ts';

/** How something is, said by a mark and always by a word too. */
export type Condition = 'good' | 'look' | 'bad' | 'off' | 'loading' | 'stale';

export interface ContainerRow {
  key: string;
  engine: string;
  container: Container;
  condition: Condition;
  word: string;
}

export const CONTAINER_SORTS: ReadonlyArray<Sort> = [
  { column: 'name', descending: false },
  { column: 'state', descending: false },
  { column: 'cpu', descending: true },
  { column: 'memory', descending: true },
  { column: 'net', descending: true },
  { column: 'age', descending: false },
];

const everyRow = memo((readings: Readings['containers'], serving: Colour | null) =>
  Object.entries(readings).flatMap(([engine, reading]) =>
    (dataOf(reading) ?? []).map((container): ContainerRow => {
      const stale = reading.state === 'stale';
      const { condition, word } = conditionOf(container, serving);
      const key = containerKey(engine, container);
      return { key, engine, container, word, condition: stale ? 'stale' : condition };
    }),
  ),
);

const listed = memo(
  (rows: ContainerRow[], filter: string, sort: Sort | null, serving: Colour | null) => {
    const { column, descending } = sort ??
      CONTAINER_SORTS[0] ?? { column: 'name', descending: false };
    const keyed = rows
      .filter((row) => matches(filter, wordsOf(row)))
      .map((row) => ({ row, by: sortKey(row, column), group: groupOf(row, column, serving) }));
    keyed.sort(
      (a, b) =>
        a.group - b.group ||
        compare(a.by, b.by, descending) ||
        compare(a.row.container.name, b.row.container.name, false) ||
        compare(a.row.key, b.row.key, false),
    );
    return keyed.map(({ row }) => row);
  },
);

/** Of every engine, in no order. */
export function allContainers(state: State): ContainerRow[] {
  return everyRow(state.readings.containers, servingNow(state));
}

function servingNow(state: State): Colour | null {
  return trafficNow(state)?.serving ?? null;
}

/** Filtered and sorted, as the pane shows them. */
export function containerRows(state: State, listing: Listing = state.lists.containers) {
  return listed(allContainers(state), listing.filter, listing.sort, servingNow(state));
}

export function chosenContainer(state: State): ContainerRow | null {
  const rows = containerRows(state);
  return (
    rows[
      chosenRow(
        state.lists.containers,
        rows.map((row) => row.key),
      )
    ] ?? null
  );
}

export function conditionOf(
  container: Container,
  serving: Colour | null,
): { condition: Condition; word: string } {
  switch (container.state) {
    case 'running':
      return runningAs(container);
    case 'restarting':
      return { condition: 'look', word: 'restarting' };
    case 'exited':
      return ended(container, serving);
    case 'dead':
      return { condition: 'bad', word: 'dead' };
    default:
      return { condition: 'off', word: container.state };
  }
}

function runningAs({ health }: Container): { condition: Condition; word: string } {
  if (health === 'unhealthy') return { condition: 'bad', word: 'unhealthy' };
  if (health === 'starting') return { condition: 'loading', word: 'starting' };
  return { condition: 'good', word: health === 'healthy' ? 'healthy' : 'up' };
}

/** 143 is the answer to a polite stop. */
function ended({ exitCode, colour }: Container, serving: Colour | null) {
  const stopped = exitCode === null || exitCode === 0 || exitCode === 143;
  if (!stopped) return { condition: 'bad' as const, word: `exit ${exitCode}` };
  const idle = colour !== null && serving !== null && colour !== serving;
  return { condition: 'off' as const, word: idle ? 'stopped, for rollback' : 'stopped' };
}

function wordsOf({ container, word }: ContainerRow): Array<string | null> {
  return [container.name, container.image, container.node, container.colour, word, container.state];
}

const WORST_FIRST: Condition[] = ['bad', 'look', 'stale', 'loading', 'good', 'off'];

function sortKey({ container, condition }: ContainerRow, column: string): SortKey {
  switch (column) {
    case 'state':
      return WORST_FIRST.indexOf(condition);
    case 'cpu':
      return container.cpuPercent;
    case 'memory':
      return container.memoryBytes;
    case 'net':
      return networkOf(container);
    case 'age':
      return container.startedAt === null ? null : -Date.parse(container.startedAt);
    default:
      return container.name;
  }
}

/** By name, the replicas that serve come first, then those that wait, then everything else. */
function groupOf({ container }: ContainerRow, column: string, serving: Colour | null): number {
  if (column !== 'name') return 0;
  if (container.colour === null) return 2;
  return serving === null || container.colour === serving ? 0 : 1;
}

/** Bytes per second, in and out; null while unknown. */
export function networkOf(container: Container): number | null {
  const { receivedBytesPerSecond: received, sentBytesPerSecond: sent } = container;
  return received === null && sent === null ? null : (received ?? 0) + (sent ?? 0);
}
