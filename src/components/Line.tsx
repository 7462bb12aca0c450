import { Text } from 'ink';
import { memo } from 'react';
import { fitted, paint, type Span, spansWidth } from './spans.ts';

interface Props {
  spans: readonly Span[];
  /** Columns there are; what is longer is cut. */
  width: number;
  /** Fills up to `width`, over whatever lies beneath. */
  fill?: boolean;
}

/** One row. One Text with one string: Ink then measures and paints it once. */
export function Line({ spans, width, fill = false }: Props) {
  const kept = fitted(spans, width);
  const rest = fill ? ' '.repeat(Math.max(0, width - spansWidth(kept))) : '';
  return <Painted text={paint(kept) + rest || ' '} />;
}

const Painted = memo(function Painted({ text }: { text: string }) {
  return <Text>{text}</Text>;
});

/** Rows one under the other. */
export function Lines({
  rows,
  width,
  fill = false,
}: { rows: readonly Span[][] } & Omit<Props, 'spans'>) {
  return rows.map((spans, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
    <Line key={index} spans={spans} width={width} fill={fill} />
  ));
}
