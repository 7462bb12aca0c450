import { Box } from 'ink';
import { Lines } from './Line.tsx';
import { fitted, type Span, spansWidth } from './spans.ts';

interface Props {
  title: string;
  rows: readonly Span[][];
  width: number;
  /** Of the screen it lies over. */
  over: { columns: number; rows: number };
  /** Rows from the top; in the middle when not given. */
  top?: number;
}

/** A box over what is beneath, with air around it. Inside there are width − 6 columns. */
export function Popup({ title, rows, width, over, top }: Props) {
  const height = rows.length + 2;
  const marginTop = top ?? Math.max(0, Math.floor((over.rows - height) / 2));
  const marginLeft = Math.max(0, Math.floor((over.columns - width) / 2));
  return (
    <Box position="absolute" flexDirection="column" marginTop={marginTop} marginLeft={marginLeft}>
      <Lines rows={framed(title, rows, width - 2)} width={width} fill />
    </Box>
  );
}

function framed(title: string, rows: readonly Span[][], width: number): Span[][] {
  const head = fitted([' ', [title, 'title'], ' '], width - 3);
  const line = '─'.repeat(Math.max(0, width - 2 - spansWidth(head)));
  return [
    [[' ╭', 'accent'], ...head, [`${line}╮ `, 'accent']],
    ...rows.map((spans) => {
      const kept = fitted(spans, width - 4);
      const space = ' '.repeat(Math.max(0, width - 4 - spansWidth(kept)));
      return [[' │ ', 'accent'], ...kept, space, [' │ ', 'accent']] as Span[];
    }),
    [[` ╰${'─'.repeat(Math.max(0, width - 2))}╯ `, 'accent']],
  ];
}
