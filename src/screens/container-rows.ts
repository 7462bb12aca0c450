import { age, bytes, count, memory, percent } from '../components/format.ts';
import type { Span, Tone } from '../components/spans.ts';
import { mark, toneFor } from '../components/state-mark.ts';
import type { Column, DataRow } from '../components/Table.tsx';
import { type ContainerRow, networkOf } from '../state/containers.ts';

/** Widths are those of the longest value, so that no figure moves when another grows. */
export const CONTAINER_COLUMNS: readonly Column[] = [
  { key: 'name', title: 'NAME', width: 10, flex: 1, priority: 0 },
  { key: 'state', title: 'STATE', width: 10, priority: 4 },
  { key: 'cpu', title: 'CPU', width: 4, align: 'right', priority: 1 },
  { key: 'memory', title: 'MEM', width: 9, align: 'right', priority: 1 },
  { key: 'net', title: 'NET', width: 4, align: 'right', priority: 2 },
  { key: 'age', title: 'AGE', width: 3, align: 'right', priority: 3 },
  { key: 'node', title: 'NODE', width: 8, priority: 5 },
  { key: 'restarts', title: 'RST', width: 3, align: 'right', priority: 6 },
  { key: 'image', title: 'IMAGE', width: 18, priority: 7 },
];

/** From this width on the state has a column; below, a note says it where it is not plainly up. */
const WITH_STATE = 49;

export function containerDataRow(row: ContainerRow, now: number, width: number): DataRow {
  const { container, condition, word, key } = row;
  const tone: Tone = condition === 'stale' ? 'dim' : 'plain';
  const name: Span = [nameOf(row), condition === 'off' ? 'dim' : tone];
  const start = { key, mark: mark(condition) };
  const running = container.state === 'running';
  const wide = width >= WITH_STATE;
  if (!running && (!wide || word.length > 10)) {
    return { ...start, cells: { name }, note: [word, toneFor(condition)] };
  }
  if (running && !wide && condition !== 'good' && condition !== 'stale') {
    const figures = `${percent(container.cpuPercent)} ${bytes(container.memoryBytes)}`;
    return { ...start, cells: { name }, note: [`${word}, ${figures}`, toneFor(condition)] };
  }
  const figure = (text: string): Span => [running ? text : '', tone];
  return {
    ...start,
    cells: {
      name,
      state: [word, toneFor(condition)],
      cpu: figure(percent(container.cpuPercent)),
      memory: figure(memory(container.memoryBytes, container.memoryLimitBytes)),
      net: figure(bytes(networkOf(container))),
      age: figure(age(runningFor(row, now))),
      node: [container.node, 'dim'],
      restarts: [count(container.restarts), container.restarts > 0 ? 'look' : 'dim'],
      image: [container.image, 'dim'],
    },
  };
}

/** The colour belongs to a replica's name: there are two of each number during a rollout. */
export function nameOf({ container }: ContainerRow): string {
  const { name, colour } = container;
  return colour === null || name.includes(colour) ? name : `${name} ${colour}`;
}

export function runningFor({ container }: ContainerRow, now: number): number | null {
  return container.startedAt === null ? null : now - Date.parse(container.startedAt);
}
