export interface Column {
  key: string;
  /** A column without a title stands directly before the next one, as a mark does. */
  title: string;
  /** In cells; of a flexible column, its least. */
  width: number;
  /** Its share of the cells that are left over. */
  flex?: number;
  align?: 'left' | 'right';
  /** The highest number leaves first where there is no room; 0 never leaves. */
  priority: number;
}

/** The columns that fit into `width` cells, in their order, each as wide as it becomes. */
export function placed(columns: readonly Column[], width: number): Column[] {
  const kept = [...columns];
  while (total(kept) > width) {
    const most = Math.max(0, ...kept.map(({ priority }) => priority));
    if (most === 0) break;
    kept.splice(
      kept.findLastIndex(({ priority }) => priority === most),
      1,
    );
  }
  let spare = Math.max(0, width - total(kept));
  let shares = kept.reduce((sum, { flex = 0 }) => sum + flex, 0);
  return kept.map((column) => {
    const { flex = 0 } = column;
    // Rounded anew for each, so that the last one takes what is left to the cell.
    const extra = shares > 0 ? Math.round((spare * flex) / shares) : 0;
    spare -= extra;
    shares -= flex;
    return { ...column, width: column.width + extra };
  });
}

/** What stands before the column: one blank, but none beside a mark. */
export function gapBefore(columns: readonly Column[], index: number): string {
  const isMark = (at: number) => columns[at]?.title === '';
  return index === 0 || isMark(index) || isMark(index - 1) ? '' : ' ';
}

function total(columns: readonly Column[]): number {
  return columns.reduce((sum, { width }, at) => sum + width + gapBefore(columns, at).length, 0);
}
