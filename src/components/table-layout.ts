export interface Column {
  key: string;
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

/** With one blank between them. */
function total(columns: readonly Column[]): number {
  return columns.reduce((sum, { width }) => sum + width + 1, -1);
}
