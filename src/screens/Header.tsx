import { clock, latency, perSecond } from '../components/format.ts';
import { Line } from '../components/Line.tsx';
import { apart, type Span } from '../components/spans.ts';
import { mark, toneFor } from '../components/state-mark.ts';
import { condition } from '../state/header.ts';
import { only, trafficNow } from '../state/joins.ts';
import type { State } from '../state/state.ts';

/** The top row: which project, does it serve, how much, what time. */
export function Header({ state }: { state: State }) {
  const time: Span = ` ${clock(state.now)} `;
  const right = [...traffic(state), time];
  return <Line spans={apart(project(state), right, state.columns)} width={state.columns} />;
}

function project(state: State): Span[] {
  const { project: info, columns } = state;
  if (!info) return [' ', ['PortSync', 'strong']];
  const now = condition(state);
  const tags = [info.lab ? 'lab' : '', info.readOnly ? 'read-only' : ''].filter(Boolean);
  return [
    ' ',
    ...(columns >= 70 ? ([['PortSync', 'dim'], '  '] as Span[]) : []),
    [info.name, 'strong'],
    ...(tags.length > 0 ? [[`  ${tags.join(', ')}`, 'dim'] as Span] : []),
    '  ',
    mark(now.condition),
    [` ${now.word}`, toneFor(now.condition)],
  ];
}

/** Fixed widths: the figures stand still while they change. */
function traffic(state: State): Span[] {
  const now = trafficNow(state);
  if (!now || state.columns < 50) return [];
  const stale = only(state, 'traffic').state === 'stale';
  const requests = perSecond(now.requestsPerSecond).padStart(6);
  const errors = perSecond(now.errorsPerSecond).padStart(4);
  const failing = now.errorsPerSecond > 0;
  return [
    [requests, stale ? 'dim' : 'strong'],
    [' req/s', 'dim'],
    ['  p95', 'dim'],
    [latency(now.p95Ms).padStart(7), stale ? 'dim' : 'plain'],
    ...(state.columns < 72
      ? []
      : ([
          [errors, failing && !stale ? 'bad' : 'plain'],
          [' errors/s', 'dim'],
        ] as Span[])),
    ' ',
  ];
}
