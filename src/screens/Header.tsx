import { clock, latency, perSecond } from '../components/format.ts';
import { Line } from '../components/Line.tsx';
import { apart, type Span, spansWidth } from '../components/spans.ts';
import { mark, toneFor } from '../components/state-mark.ts';
import { dataOf } from '../model/reading.ts';
import { condition } from '../state/header.ts';
import { only, trafficNow } from '../state/joins.ts';
import { migrationWord } from '../state/migration.ts';
import type { State } from '../state/state.ts';

/** The top row: which project, does it serve, how much, what time. */
export function Header({ state }: { state: State }) {
  const { columns } = state;
  const [left, right] = fitting(state);
  return <Line spans={apart(left, right, columns)} width={columns} />;
}

/** What matters most stays: the project's state, then how many requests fail, then the rest. */
function fitting(state: State): [left: Span[], right: Span[]] {
  const lefts = project(state);
  const rights = traffic(state).map((figures) => [...figures, `  ${clock(state.now)} `]);
  for (const right of rights) {
    const room = state.columns - spansWidth(right) - 1;
    const left = lefts.find((spans) => spansWidth(spans) <= room);
    if (left) return [left, right];
  }
  return [lefts.at(-1) ?? [], []];
}

/** Longest first. */
function project(state: State): Span[][] {
  const { project: info } = state;
  if (!info) return [[' ', ['PortSync', 'strong']]];
  const now = condition(state);
  const spike = dataOf(only(state, 'lab'))?.spike ?? false;
  const lab = info.lab && info.name !== 'lab' ? 'lab' : '';
  const tags = [lab, spike ? 'spike' : '', info.readOnly ? 'read-only' : ''].filter(Boolean);
  const words: Span[] = [mark(now.condition), [` ${now.word}`, toneFor(now.condition)]];
  const tagged: Span[] = tags.length > 0 ? [[`  ${tags.join(', ')}`, 'dim']] : [];
  const move = migrationWord(state);
  const tone = toneFor(move?.condition ?? 'good');
  const moving: Span[] = move ? ['  ', [move.word, tone]] : [];
  const shortly: Span[] = move ? ['  ', [move.short, tone]] : [];
  const name: Span[] = [' ', [info.name, 'strong'], '  '];
  return [
    [' ', ['PortSync', 'dim'], ' ', ...name, ...words, ...moving, ...tagged],
    [...name, ...words, ...moving, ...tagged],
    [...name, ...words, ...moving],
    [...name, ...words, ...shortly],
    [...name, ...words],
  ];
}

/** Longest first; figures of fixed width stand still while they change. */
function traffic(state: State): Span[][] {
  const now = trafficNow(state);
  if (!now) return [[]];
  const stale = only(state, 'traffic').state === 'stale';
  const failing = now.errorsPerSecond > 0 && !stale;
  const requests: Span[] = [
    [perSecond(now.requestsPerSecond).padStart(6), stale ? 'dim' : 'strong'],
    [' req/s', 'dim'],
  ];
  const p95: Span[] = [
    ['  p95', 'dim'],
    [latency(now.p95Ms).padStart(7), stale ? 'dim' : 'plain'],
  ];
  const errors: Span[] = [
    [perSecond(now.errorsPerSecond).padStart(5), failing ? 'bad' : 'plain'],
    [' errors/s', 'dim'],
  ];
  return [[...requests, ...p95, ...errors], [...requests, ...p95], requests, []];
}
