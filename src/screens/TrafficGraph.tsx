import { Box } from 'ink';
import { clockSeconds, count, duration, latency, perSecond } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import { apart, type Span, type Tone } from '../components/spans.ts';
import { graph } from '../components/sparkline.ts';
import { cut, pad, widthOf } from '../components/text.ts';
import type { LabFigures } from '../model/lab.ts';
import { dataOf } from '../model/reading.ts';
import { grouped, type Sample, span } from '../state/history.ts';
import type { Mark, State, TrafficKey } from '../state/state.ts';

const LABEL = 19;

type Groups = ReadonlyArray<ReadonlyArray<Sample<TrafficKey>>>;

/** The header's traffic over time: three figures on one axis, and what happened on it. */
export function TrafficGraph({ state, height }: { state: State; height: number }) {
  const width = Math.max(1, state.columns - LABEL - 1);
  const groups = grouped(state.history.traffic, width);
  const high = height >= 9;
  const rows = [
    ...plot(groups, FIGURES.requests, width, high ? 4 : 2),
    ...plot(groups, FIGURES.p95, width, high ? 2 : 1),
    ...plot(groups, FIGURES.replicas, width, 1),
    axis(state, groups, width),
    ...latest(state, high ? 2 : 1),
  ];
  return (
    <Box flexDirection="column" height={height}>
      <Lines rows={rows.slice(0, height)} width={state.columns} />
    </Box>
  );
}

interface Figure {
  key: TrafficKey;
  text: (value: number | null) => string;
  /** Of the looks that share a column: the one that matters. */
  of: (...values: number[]) => number;
}

const FIGURES = {
  requests: { key: 'requests', text: (value) => `${perSecond(value)}/s`, of: Math.max },
  p95: { key: 'p95', text: latency, of: Math.max },
  replicas: { key: 'replicas', text: count, of: Math.min },
} satisfies Record<string, Figure>;

function plot(groups: Groups, figure: Figure, width: number, height: number): Span[][] {
  const { key, of } = figure;
  const values = groups.map((samples) => {
    const known = samples.flatMap((sample) => sample.values[key] ?? []);
    return known.length > 0 ? of(...known) : null;
  });
  const now = figure.text(groups.at(-1)?.at(-1)?.values[key] ?? null);
  return graph(values, { width, height }).map((line, row) => [
    row === 0 ? [pad(` ${key}`, 10), 'dim'] : ' '.repeat(10),
    row === 0 ? [pad(now, LABEL - 11, 'right'), 'strong'] : ' '.repeat(LABEL - 11),
    ' ',
    [line, 'dim'],
  ]);
}

function axis(state: State, groups: Groups, width: number): Span[] {
  const label = groups.length > 1 ? `last ${duration(span(groups.flat()))}` : 'from now on';
  const spans: Span[] = [[pad(` ${label}`, LABEL), 'dim']];
  let at = 0;
  for (const { column, text, tone } of placed(groups, state.marks, width)) {
    spans.push([' '.repeat(column - at), 'dim'], [text, tone]);
    at = column + widthOf(text);
  }
  return spans;
}

/** Newest first: where two marks would overlap, the older one keeps its sign only. */
function placed(groups: Groups, marks: readonly Mark[], width: number) {
  const seen: Array<{ column: number; text: string; tone: Tone }> = [];
  let end = width;
  for (const { at, text, tone } of marks.toReversed()) {
    const group = groups.findIndex((samples) => (samples.at(-1)?.at ?? 0) >= at);
    const column = width - groups.length + group;
    if (group < 0 || column >= end) continue;
    // What happened before the graph begins is on none of its columns.
    if (at < (groups[0]?.[0]?.at ?? 0)) break;
    const room = end - column;
    const words = room > widthOf(text) + 1 ? `↑${text}` : '↑';
    seen.unshift({ column, text: cut(words, room), tone });
    end = column;
  }
  return seen;
}

/** The last things that happened; in the lab also what its generator sent. */
function latest({ marks, columns, readings }: State, rows: number): Span[][] {
  const [lab] = Object.values(readings.lab).map(dataOf);
  const sent: Span[] = lab ? [[generatorText(lab), 'dim']] : [];
  const newest = marks.slice(-rows).toReversed();
  const lines = newest.map(({ at, text, tone }): Span[] => [
    [` ${clockSeconds(at)} `, 'dim'],
    [text, tone],
  ]);
  const [first = [[' nothing happened yet', 'dim']], ...others] = lines;
  return [apart(first, sent, columns), ...others];
}

function generatorText({ plannedPerSecond, sent, failed }: LabFigures): string {
  return `generator: ${count(plannedPerSecond)}/s planned, ${count(sent)} sent, ${count(failed)} failed `;
}
