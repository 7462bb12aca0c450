import { Box } from 'ink';
import { type Fact, factRows, textRow } from '../components/facts.ts';
import { bytes, duration, latency, percent, perSecond, plural } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { mark, toneFor } from '../components/state-mark.ts';
import { troubleRows } from '../components/trouble.ts';
import type { NodeFigures } from '../model/node.ts';
import { figures } from '../state/history.ts';
import { share } from '../state/joins.ts';
import { type Area, zoomAreas } from '../state/layout.ts';
import { chosenNode, type NodeRow } from '../state/nodes.ts';
import type { NodeKey, State } from '../state/state.ts';
import { NodesPane } from './NodesPane.tsx';
import { fullness } from './node-rows.ts';

const LABEL = 14;

/** All columns of the list, and every figure of the chosen node with its course. */
export function NodeScreen({ state, area }: { state: State; area: Area }) {
  const { list, detail, wide } = zoomAreas(area, 'nodes');
  const row = chosenNode(state);
  const width = detail.width - 3;
  const rows = row ? details(state, row, width) : [];
  return (
    <Box flexDirection={wide ? 'row' : 'column'}>
      <NodesPane state={state} area={list} focused explained={false} />
      <Pane title={row?.name ?? 'Details'} {...detail} focused={false}>
        <Lines rows={rows.slice(0, detail.height - 2)} width={width} />
      </Pane>
    </Box>
  );
}

function details(state: State, row: NodeRow, width: number): Span[][] {
  const { name, reading, figures: node } = row;
  const trouble = troubleRows([{ name, reading }], { width, rows: 6, now: state.now });
  if (!node) return trouble;
  const about = `${plural(node.cores, 'core')}, up ${duration(node.uptimeSeconds * 1000)}, ${node.address}`;
  return [
    ...trouble,
    [' ', mark(row.condition), [` ${row.word}`, toneFor(row.condition)], [`  ${about}`, 'dim']],
    ...factRows(facts(state, row, node), { width, label: LABEL, value: 11 }),
    ...serving(row),
  ];
}

function facts(state: State, { id, traffic }: NodeRow, node: NodeFigures): Fact[] {
  const samples = state.history.nodes[id]?.recent ?? [];
  const fact = (label: string, key: NodeKey, value: string, top: number): Fact => ({
    label,
    value,
    values: figures<NodeKey>(samples, key),
    top,
  });
  const of = ({ usedBytes, totalBytes }: { usedBytes: number; totalBytes: number }) =>
    `${bytes(usedBytes)}/${bytes(totalBytes)}`;
  const { pressure, swap, disk } = node;
  return [
    fact('CPU', 'cpu', percent(node.cpuPercent), 100),
    ...stolen(node),
    fact('load', 'load', loads(node), node.cores),
    { ...fact('memory', 'memory', of(node.memory), 100), tone: fullness(share(node.memory)) },
    {
      label: `disk ${disk.mount}`,
      value: of(disk),
      tone: fullness(share(disk)),
      full: share(disk),
    },
    ...(traffic
      ? [
          fact('requests/s', 'requests', perSecond(traffic.requestsPerSecond), 1),
          fact('errors', 'errors', percent(traffic.errorRate * 100), 5),
          fact('p95', 'p95', latency(traffic.p95Ms), 1),
        ]
      : []),
    ...(pressure
      ? [
          fact('wait for CPU', 'pressureCpu', percent(pressure.cpu), 20),
          fact('wait for mem', 'pressureMemory', percent(pressure.memory), 20),
          fact('wait for disk', 'pressureIo', percent(pressure.io), 20),
        ]
      : []),
    { label: 'swap', value: swap.totalBytes > 0 ? of(swap) : 'none', full: share(swap) },
  ];
}

function loads({ load }: NodeFigures): string {
  return load.map((value) => value.toFixed(value < 9.95 ? 1 : 0)).join(' ');
}

/** Only where the host takes something: it is the answer to “why is it slow”. */
function stolen({ stealPercent }: NodeFigures): Fact[] {
  if (stealPercent == null || stealPercent < 1) return [];
  return [{ label: 'taken by host', value: percent(stealPercent), tone: 'look' }];
}

function serving({ traffic }: NodeRow): Span[][] {
  if (!traffic) return [textRow('serves', 'nothing: the edge sends no request here', LABEL, 'dim')];
  const { up, replicas, p50Ms } = traffic;
  const text = `${up} of ${plural(replicas, 'replica')} up, p50 ${latency(p50Ms)}`;
  return [textRow('serves', text, LABEL, up < replicas ? 'look' : 'plain')];
}
