import { Box } from 'ink';
import InkTable from './ink-table.ts';
import { Lines } from './Line.tsx';
import { type Span, type Tone, textOf, toneOf } from './spans.ts';
import { type Column, placed } from './table-layout.ts';
import { pad } from './text.ts';

export type { Column } from './table-layout.ts';

export interface DataRow {
  key: string;
  /** The sign of its state, one cell, before everything else. */
  mark?: Span;
  cells: Readonly<Record<string, Span>>;
  /** Said instead of all cells behind the flexible one. */
  note?: Span | undefined;
}

interface Props {
  columns: readonly Column[];
  /** Only those in sight: each costs a line, whether it is seen or not. */
  rows: readonly DataRow[];
  width: number;
  /** Index of the chosen row; -1 when none shall be seen as chosen. */
  chosen: number;
  /** Column that rows are ordered by, and which way. */
  sorted?: { column: string; descending: boolean } | null;
}

/** The row's mark, and the sign of the chosen one. */
const GUTTER = 2;

/** A line of titles, and one line for each row. The last cell of the width stays free. */
export function Table({ columns, rows, ...rest }: Props) {
  const kept = placed(columns, rest.width - GUTTER - 1);
  const data = rows.map(({ cells }) =>
    Object.fromEntries(kept.map(({ key }) => [key, textOf(cells[key] ?? '')])),
  );
  const keys = kept.map(({ key }) => key);
  return <LeanTable data={data} columns={keys} rows={rows} placed={kept} {...rest} />;
}

type Texts = Record<string, string>;

interface LeanProps extends Omit<Props, 'columns'> {
  data: Texts[];
  columns: string[];
  placed: readonly Column[];
}

/**
 * ink-table, without what makes it slow on a live screen: no lines between the rows, a row keeps
 * its place when its values change, and each is a single text, cut to its width already.
 */
class LeanTable extends InkTable<Texts> {
  declare readonly props: Readonly<LeanProps>;

  override getHeadings(): Texts {
    const { placed, sorted } = this.props;
    return Object.fromEntries(placed.map((column) => [column.key, titleOf(column, sorted)]));
  }

  override render() {
    const { data, rows, chosen, width, placed } = this.props;
    const head: Span[] = [' '.repeat(GUTTER), ...line(placed, this.getHeadings(), () => 'dim')];
    const body = data.map((texts, index): Span[] => {
      const { cells = {}, mark = ' ', note } = rows[index] ?? {};
      const toneAt = (key: string, first: boolean) => {
        const tone = toneOf(cells[key] ?? '');
        return first && tone === 'plain' && index === chosen ? 'strong' : tone;
      };
      const upTo = note ? placed.findIndex(({ flex }) => flex) + 1 : placed.length;
      const spans = line(placed.slice(0, upTo), texts, toneAt);
      const sign: Span = [index === chosen ? '›' : ' ', 'accent'];
      return [mark, sign, ...spans, ...(note ? [' ', note] : [])];
    });
    return (
      <Box flexDirection="column" flexShrink={0}>
        <Lines rows={[head, ...body]} width={width} />
      </Box>
    );
  }
}

type ToneAt = (key: string, first: boolean) => Tone;

function line(columns: readonly Column[], texts: Texts, toneAt: ToneAt): Span[] {
  return columns.flatMap(({ key, width, align }, index): Span[] => [
    index > 0 ? ' ' : '',
    [pad(texts[key] ?? '', width, align), toneAt(key, index === 0)],
  ]);
}

function titleOf({ key, title, width }: Column, sorted: Props['sorted']): string {
  if (sorted?.column !== key || title.length >= width) return title;
  return title + (sorted.descending ? '↓' : '↑');
}
