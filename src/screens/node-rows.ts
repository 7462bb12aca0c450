import { age, count, percent, perSecond } from '../components/format.ts';
import type { Span, Tone } from '../components/spans.ts';
import { sparkline } from '../components/sparkline.ts';
import { mark } from '../components/state-mark.ts';
import type { Column, DataRow } from '../components/Table.tsx';
import { lastSeen } from '../components/trouble.ts';
import { figures } from '../state/history.ts';
import { share } from '../state/joins.ts';
import { LIMITS, type NodeRow } from '../state/nodes.ts';
import type { History, NodeKey } from '../state/state.ts';

const COURSE = 8;

export const NODE_COLUMNS: readonly Column[] = [
  { key: 'name', title: 'NODE', width: 8, flex: 1, priority: 0 },
  { key: 'cpu', title: 'CPU', width: 4, align: 'right', priority: 1 },
  { key: 'memory', title: 'MEM', width: 4, align: 'right', priority: 1 },
  { key: 'disk', title: 'DISK', width: 4, align: 'right', priority: 2 },
  { key: 'requests', title: 'REQ/s', width: 5, align: 'right', priority: 1 },
  { key: 'p95', title: 'P95ms', width: 5, align: 'right', priority: 2 },
  { key: 'course', title: '   ', width: COURSE, priority: 5 },
  { key: 'replicas', title: 'REPL', width: 4, align: 'right', priority: 6 },
  { key: 'errors', title: 'ERR', width: 4, align: 'right', priority: 3 },
  { key: 'load', title: 'LOAD', width: 5, align: 'right', priority: 4 },
  { key: 'swap', title: 'SWAP', width: 4, align: 'right', priority: 7 },
  { key: 'uptime', title: 'UP', width: 3, align: 'right', priority: 8 },
  { key: 'address', title: 'ADDRESS', width: 20, priority: 9 },
];

export function nodeDataRow(row: NodeRow, history: History['nodes'], now: number): DataRow {
  const { condition, reading, figures: node } = row;
  const name: Span = [row.name, condition === 'stale' ? 'dim' : 'plain'];
  const start = { key: row.id, mark: mark(condition) };
  if (reading.state === 'stale') {
    return { ...start, cells: { name }, note: [lastSeen(reading, now), 'look'] };
  }
  if (!node) return { ...start, cells: { name }, note: [noteOf(row), 'dim'] };
  return { ...start, cells: { name, ...cellsOf(row, history) } };
}

function noteOf({ reading }: NodeRow): string {
  return reading.state === 'absent' ? reading.why : 'reading …';
}

function cellsOf({ id, figures: node, traffic }: NodeRow, history: History['nodes']) {
  const memory = share(node?.memory);
  const disk = share(node?.disk);
  const course = figures<NodeKey>(history[id]?.recent ?? [], traffic ? 'requests' : 'cpu');
  const failing = (traffic?.errorRate ?? 0) >= 0.005;
  return {
    cpu: percent(node?.cpuPercent ?? null),
    memory: [percent(memory), fullness(memory)],
    disk: [percent(disk), fullness(disk)],
    requests: perSecond(traffic?.requestsPerSecond ?? null),
    p95: traffic?.p95Ms == null ? '–' : count(traffic.p95Ms),
    course: [sparkline(course, COURSE, traffic ? 0 : 100), 'dim'],
    replicas: traffic ? `${traffic.up}/${traffic.replicas}` : '–',
    errors: [traffic ? percent(traffic.errorRate * 100) : '–', failing ? 'bad' : 'plain'],
    load: node ? node.load[0].toFixed(1) : '–',
    swap: percent(share(node?.swap)),
    uptime: node ? age(node.uptimeSeconds * 1000) : '–',
    address: [node?.address ?? '', 'dim'],
  } satisfies Record<string, Span>;
}

export function fullness(percentage: number | null): Tone {
  if (percentage === null || percentage < LIMITS.look) return 'plain';
  return percentage >= LIMITS.bad ? 'bad' : 'look';
}
