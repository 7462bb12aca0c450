import { Box } from 'ink';
import { clockSeconds, count, duration, latency, perSecond } from '../components/format.ts';
import { Lines } from '../components/Line.tsx';
import type { Span, Tone } from '../components/spans.ts';
import { graph } from '../components/sparkline.ts';
import { cut, pad, widthOf } from '../components/text.ts';
import { figures, type Sample, span } from '../state/history.ts';
import type { Mark, State, TrafficKey } from '../state/state.ts';

const LABEL = 20;

type Samples = ReadonlyArray<Sample<TrafficKey>>;

/** The header's traffic over time: three figures on one axis, and what happened on it. */
export function TrafficGraph({ state, height }: { state: State; height: number }) {
  const width = Math.max(1, state.columns - LABEL - 1);
  const samples = state.history.traffic.recent.slice(-width);
  const high = height >= 9;
  const rows = [
    ...plot(samples, 'requests', width, high ? 4 : 2),
    ...plot(samples, 'p95', width, high ? 2 : 1),
    ...plot(samples, 'replicas', width, 1),
    axis(samples, state.marks, width),
    ...latest(state.marks, state.columns, high ? 2 : 1),
  ];
  return (
    <Box flexDirection="column" height={height}>
      <Lines rows={rows.slice(0, height)} width={state.columns} />
    </Box>
  );
}

const FIGURES: Partial<Record<TrafficKey, (value: number | null) => string>> = {
  requests: (value) => `${perSecond(value)}/s`,
  p95: latency,
  replicas: count,
};

function plot(samples: Samples, key: TrafficKey, width: number, height: number): Span[][] {
  const values = figures<TrafficKey>(samples, key);
  const now = FIGURES[key]?.(values.at(-1) ?? null) ?? '';
  return graph(values, { width, height }).map((line, row) => [
    row === 0 ? [pad(` ${key}`, 10), 'dim'] : ' '.repeat(10),
    row === 0 ? [pad(now, LABEL - 11, 'right'), 'strong'] : ' '.repeat(LABEL - 11),
    ' ',
    line,
  ]);
}

/** Newest first: where two marks would overlap, the older one keeps its sign only. */
function axis(samples: Samples, marks: readonly Mark[], width: number): Span[] {
  const label = samples.length > 1 ? `last ${duration(span(samples))}` : 'since now';
  const places = placed(samples, marks, width);
  const spans: Span[] = [[pad(` ${label}`, LABEL), 'dim']];
  let at = 0;
  for (const { column, text, tone } of places) {
    spans.push([' '.repeat(column - at), 'dim'], [text, tone]);
    at = column + widthOf(text);
  }
  return spans;
}

function placed(samples: Samples, marks: readonly Mark[], width: number) {
  const seen: Array<{ column: number; text: string; tone: Tone }> = [];
  let end = width;
  for (const { at, text, tone } of marks.toReversed()) {
    const index = samples.findIndex((sample) => sample.at >= at);
    const column = width - samples.length + index;
    if (index < 0 || column >= end) continue;
    const room = end - column;
    const words = room > widthOf(text) + 1 ? `↑${text}` : '↑';
    seen.unshift({ column, text: cut(words, room), tone });
    end = column;
  }
  return seen;
}

function latest(marks: readonly Mark[], width: number, rows: number): Span[][] {
  if (marks.length === 0) return [[[' nothing happened yet', 'dim']]];
  return marks
    .slice(-rows)
    .toReversed()
    .map(({ at, text, tone }) => [
      [` ${clockSeconds(at)} `, 'dim'],
      [cut(text, width - 12), tone],
    ]);
}
