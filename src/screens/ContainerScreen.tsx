import { Box } from 'ink';
import { type Fact, factRows, textRow } from '../components/facts.ts';
import {
  bytes,
  count,
  duration,
  latency,
  memory,
  percent,
  perSecond,
  stamp,
} from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { mark, toneFor } from '../components/state-mark.ts';
import { troubleRows } from '../components/trouble.ts';
import { courseOf } from '../state/container-history.ts';
import { type ContainerRow, chosenContainer } from '../state/containers.ts';
import { trafficNow } from '../state/joins.ts';
import { type Area, zoomAreas } from '../state/layout.ts';
import type { State } from '../state/state.ts';
import { ContainersPane } from './ContainersPane.tsx';
import { nameOf, runningFor } from './container-rows.ts';

const LABEL = 11;

/** All columns of the list, and everything that is known of the chosen container. */
export function ContainerScreen({ state, area }: { state: State; area: Area }) {
  const { list, detail, wide } = zoomAreas(area, 'containers');
  const row = chosenContainer(state);
  const width = detail.width - 3;
  const rows = row ? details(state, row, width) : [];
  return (
    <Box flexDirection={wide ? 'row' : 'column'}>
      <ContainersPane state={state} area={list} focused explained={false} />
      <Pane title={row ? nameOf(row) : 'Details'} {...detail} focused={false}>
        <Lines rows={rows.slice(0, detail.height - 2)} width={width} />
      </Pane>
    </Box>
  );
}

function details(state: State, row: ContainerRow, width: number): Span[][] {
  const { container, engine } = row;
  const reading = state.readings.containers[engine];
  const { now } = state;
  const trouble = reading ? troubleRows([{ name: engine, reading }], { width, rows: 6, now }) : [];
  return [
    ...trouble,
    [
      ' ',
      mark(row.condition),
      [` ${row.word}`, toneFor(row.condition)],
      [`  ${sinceText(row, now)}`, 'dim'],
    ],
    ...factRows(facts(state, row), { width, label: LABEL, value: 11 }),
    textRow('network', networkText(row), LABEL),
    ...trafficRows(state, row),
    textRow('image', container.image, LABEL),
    textRow('node', `${container.node}, engine ${engine}`, LABEL),
    textRow(
      'restarts',
      count(container.restarts),
      LABEL,
      container.restarts > 0 ? 'look' : 'plain',
    ),
    textRow('created', stamp(container.createdAt), LABEL),
    textRow('id', container.id.slice(0, 12), LABEL, 'dim'),
  ];
}

function sinceText(row: ContainerRow, now: number): string {
  const ms = runningFor(row, now);
  return ms === null ? '' : `for ${duration(ms)}`;
}

function facts(state: State, { engine, container }: ContainerRow): Fact[] {
  const looks = state.history.containers[engine] ?? [];
  const limit = container.memoryLimitBytes;
  return [
    {
      label: 'CPU',
      value: percent(container.cpuPercent),
      values: courseOf(looks, container.id, 'cpu'),
      top: 10,
    },
    {
      label: 'memory',
      value: memory(container.memoryBytes, limit),
      values: courseOf(looks, container.id, 'memory'),
      ...(limit === null ? {} : { top: limit }),
    },
  ];
}

function networkText({ container }: ContainerRow): string {
  const { receivedBytesPerSecond: received, sentBytesPerSecond: sent } = container;
  return `${bytes(received)}/s in, ${bytes(sent)}/s out`;
}

/** What the edge saw of this replica. */
function trafficRows(state: State, { container }: ContainerRow): Span[][] {
  const replica = trafficNow(state)?.replicas.find(({ name }) => name === container.name);
  if (!replica) return [];
  const { requestsPerSecond, p50Ms, p95Ms, errorRate } = replica;
  const served = `${perSecond(requestsPerSecond)} req/s, p50 ${latency(p50Ms)}, p95 ${latency(p95Ms)}`;
  return [
    textRow('serves', served, LABEL),
    textRow('errors', percent(errorRate * 100), LABEL, errorRate >= 0.005 ? 'bad' : 'plain'),
  ];
}
