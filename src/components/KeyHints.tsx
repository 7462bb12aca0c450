import { type Binding, labelOf, reasonOf } from '../state/keys/binding.ts';
import { hintRows } from '../state/keys/commands.ts';
import { shown } from '../state/keys/names.ts';
import type { State } from '../state/state.ts';
import { Line } from './Line.tsx';
import { type Span, spansWidth } from './spans.ts';

/** The bottom row: what works here and now. The way to all keys stays; the others give way. */
export function KeyHints({ state }: { state: State }) {
  return <Line spans={[' ', ...hintSpans(state, state.columns - 1)]} width={state.columns} />;
}

export function hintSpans(state: State, width: number): Span[] {
  const rows = hintRows(state);
  const keys = rows.filter((binding) => binding.id === 'help');
  const hints = rows.filter((binding) => binding.id !== 'help').map((row) => hint(row, state));
  const last = keys.flatMap((binding) => hint(binding, state));
  let room = width - spansWidth(last);
  const kept: Span[] = [];
  for (const spans of hints) {
    room -= spansWidth(spans) + 2;
    if (room < 0) break;
    kept.push(...spans, '  ');
  }
  return [...kept, ...last];
}

function hint(binding: Binding, state: State): Span[] {
  const [key = ''] = binding.keys;
  const label = labelOf(binding, state);
  const why = reasonOf(binding, state);
  if (why !== null) return [[`${shown(key)} ${label} (${why})`, 'dim']];
  return [[shown(key), 'accent'], ` ${label}`];
}
