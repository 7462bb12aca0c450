import { bytes, bytesLong, duration, percent, plural } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { Pane } from '../components/Pane.tsx';
import type { Span } from '../components/spans.ts';
import { graph } from '../components/sparkline.ts';
import { pad, wrapped } from '../components/text.ts';
import { emptyRows } from '../components/trouble.ts';
import type { NodeFigures } from '../model/node.ts';
import { type Advice, adviceFor, type Evidence, NEEDED_MS } from '../state/evidence.ts';
import type { Area } from '../state/layout.ts';
import { allNodes, chosenNode } from '../state/nodes.ts';
import type { State } from '../state/state.ts';

const LABEL = 14;

/** Is a bigger machine worth buying? First the answer, then what it rests on. */
export function Resize({ state, area }: { state: State; area: Area }) {
  const width = area.width - 2;
  const rows = area.height - 2;
  const node = chosenNode(state);
  const others = allNodes(state).length > 1 ? ', ↑↓ for another' : '';
  const note: Span[] = node ? [[`· ${node.name}${others}`, 'dim']] : [];
  const content = node?.figures
    ? withFigures(adviceFor(state, node), node.figures, width, rows)
    : emptyRows(Object.values(state.readings.nodes), width);
  return (
    <Pane title="Resize" note={note} {...area} focused>
      <Lines rows={content.slice(0, rows)} width={width} />
    </Pane>
  );
}

function withFigures(advice: Advice, node: NodeFigures, width: number, rows: number): Span[][] {
  const say = (text: string, tone: 'strong' | 'plain' | 'dim'): Span[][] =>
    wrapped(text, width - 2).map((line) => [' ', [line, tone]]);
  const words = [
    ...say(answer(advice), 'strong'),
    ...say(soFar(advice, node), 'plain'),
    [],
    ...say(machine(node), 'dim'),
    [],
  ];
  const each = Math.floor((rows - words.length) / advice.evidence.length);
  const height = Math.max(1, Math.min(6, each - 1));
  return [
    ...words,
    ...advice.evidence.flatMap((item) => [
      ...drawn(item, width, height),
      ...(each > 1 ? [[]] : []),
    ]),
  ];
}

export function answer({ enough, watchedMs, over }: Advice): string {
  if (!enough) return `Not enough data yet: ${duration(watchedMs)} of ${NEEDED_MS / 3_600_000} h.`;
  if (over.length === 0) return 'This machine is big enough: nothing came near its limit in a day.';
  const what = over.map((item) => `${NAMES[item.what]} peaked at ${percent(item.peak)}`);
  return `A bigger machine is worth buying: ${what.join(', ')} in the last day.`;
}

const NAMES = { memory: 'memory', cpu: 'CPU', disk: 'disk' } as const;

function soFar({ enough, evidence, over }: Advice, node: NodeFigures): string {
  const peaks = evidence
    .filter((item) => item.peak !== null)
    .map((item) => `${NAMES[item.what]} ${percent(item.peak)}`);
  if (peaks.length === 0) return 'Nothing was measured yet.';
  const highest = `Highest so far: ${peaks.join(', ')}.`;
  if (enough) return highest;
  if (over.length === 0) return `${highest} Nothing points to a bigger machine.`;
  const full = over.map((item) => NAMES[item.what]).join(' and ');
  const swap = node.swap.usedBytes > 0 ? ` ${bytes(node.swap.usedBytes)} are swapped out.` : '';
  return `${highest} Over its limit once: ${full}.${swap}`;
}

function machine({ cores, memory, disk }: NodeFigures): string {
  const size = `${plural(cores, 'core')}, ${bytesLong(memory.totalBytes)} memory`;
  return `Now: ${size}, ${bytesLong(disk.totalBytes)} disk. Seen by this session only.`;
}

/** The graph's scale is the whole machine; the limit is drawn where advice begins. */
function drawn(item: Evidence, width: number, height: number): Span[][] {
  const room = Math.max(1, width - LABEL - 2);
  const plotted = graph(item.values, { width: room, height, top: 100, limit: item.limit });
  const now = percent(item.values.at(-1) ?? null);
  const over = item.peak !== null && item.peak >= item.limit;
  const labels: Span[][] = [
    [
      [pad(` ${NAMES[item.what]}`, 9), 'strong'],
      [pad(now, LABEL - 9, 'right'), 'plain'],
    ],
    [[pad(` limit ${item.limit}%`, LABEL), over ? 'look' : 'dim']],
  ];
  return plotted.map((line, row) => [...(labels[row] ?? [' '.repeat(LABEL)]), ' ', [line, 'dim']]);
}
