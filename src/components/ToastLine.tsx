import { Box } from 'ink';
import type { State, Toast } from '../state/state.ts';
import { Lines } from './Line.tsx';
import type { Span, Tone } from './spans.ts';
import { wrapped } from './text.ts';

const SIGNS: Record<Toast['kind'], readonly [string, Tone]> = {
  doing: ['◌', 'accent'],
  done: ['●', 'good'],
  refused: ['▲', 'look'],
  failed: ['✖', 'bad'],
};

const MOST_ROWS = 4;

/** Just above the hint bar: what happened, why, what to do. */
export function ToastLine({ state }: { state: State }) {
  const { toast, columns, rows } = state;
  if (!toast) return null;
  const lines = toastRows(toast, columns);
  return (
    <Box position="absolute" flexDirection="column" marginTop={rows - 1 - lines.length}>
      <Lines rows={lines} width={columns} fill />
    </Box>
  );
}

function toastRows(toast: Toast, columns: number): Span[][] {
  const words = [toast.what, toast.why, toast.next].filter(Boolean).join(' ');
  const close = toast.kind === 'failed' ? ' (esc)' : '';
  const texts = wrapped(words + close, columns - 4, MOST_ROWS);
  return texts.map((text, index) => [' ', index === 0 ? SIGNS[toast.kind] : ' ', ` ${text}`]);
}
