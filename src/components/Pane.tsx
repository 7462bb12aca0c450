import { Box } from 'ink';
import type { ReactNode } from 'react';
import { Line } from './Line.tsx';
import { fitted, type Span, spansWidth } from './spans.ts';

interface Props {
  title: string;
  /** After the title: counts, what is shown. */
  note?: readonly Span[];
  width: number;
  height: number;
  focused: boolean;
  children: ReactNode;
}

/** A border with a title in it. Inside there are width − 2 columns and height − 2 rows. */
export function Pane({ title, note = [], width, height, focused, children }: Props) {
  if (height < 2) return null;
  const edge = focused ? { borderColor: 'cyan' } : {};
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Line spans={heading(title, note, width, focused)} width={width} />
      <Box
        flexDirection="column"
        width={width}
        height={height - 1}
        borderStyle="round"
        borderTop={false}
        borderDimColor={!focused}
        {...edge}
      >
        {children}
      </Box>
    </Box>
  );
}

/** The mark in front says which pane has the focus where there is no colour to say it. */
function heading(title: string, note: readonly Span[], width: number, focused: boolean): Span[] {
  const edge = focused ? 'accent' : 'dim';
  const inside = fitted(
    [[focused ? '›' : ' ', 'accent'], [title, focused ? 'title' : 'strong'], ' ', ...note],
    width - 3,
  );
  const gap = note.length > 0 ? ' ' : '';
  const rest = '─'.repeat(Math.max(0, width - 2 - gap.length - spansWidth(inside)));
  return [['╭', edge], ...inside, gap, [`${rest}╮`, edge]];
}
