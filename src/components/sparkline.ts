const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

function level(value: number, most: number): string {
  const index = most > 0 ? Math.ceil((value / most) * LEVELS.length) - 1 : 0;
  return LEVELS[Math.max(0, Math.min(index, LEVELS.length - 1))] ?? ' ';
}

type Values = ReadonlyArray<number | null>;

function lastOf(values: Values, width: number): Values {
  return [...Array(Math.max(0, width - values.length)).fill(null), ...values.slice(-width)];
}

/** A scale of its own leaves some air, or full bars in rows above each other would melt together. */
function mostOf(values: Values, top: number): number {
  const most = values.reduce<number>((max, value) => Math.max(max, value ?? 0), 0);
  return most > top ? most * 1.15 : top;
}

/**
 * The newest `width` values in eight levels from 0 to `top`, or to what fits the largest value; a gap
 * where nothing was known.
 */
export function sparkline(values: Values, width: number, top = 0): string {
  if (width <= 0) return '';
  const seen = lastOf(values, width);
  const most = mostOf(seen, top);
  return seen.map((value) => (value === null ? ' ' : level(value, most))).join('');
}

/**
 * The same, `height` rows high. `limit` is drawn as a line where the values stay below it.
 * Answers rows from the top.
 */
export function graph(
  values: Values,
  {
    width,
    height,
    top = 0,
    limit,
  }: { width: number; height: number; top?: number; limit?: number },
): string[] {
  const seen = lastOf(values, width);
  const most = mostOf(seen, top);
  const limitRow = limit === undefined || most <= 0 ? -1 : rowOf(limit, most, height);
  return Array.from({ length: height }, (_row, row) => {
    const floor = (most / height) * (height - 1 - row);
    const empty = row === limitRow ? '┄' : ' ';
    return seen
      .map((value) => {
        if (value === null) return empty;
        const above = value - floor;
        if (above <= 0 && row < height - 1) return empty;
        return level(Math.max(0, above), most / height);
      })
      .join('');
  });
}

function rowOf(limit: number, most: number, height: number): number {
  return height - 1 - Math.min(height - 1, Math.floor((limit / most) * height));
}

/** A bar of `width` columns filled to `percent` (0–100). */
export function gauge(percent: number | null, width: number): string {
  if (percent === null) return ' '.repeat(width);
  const filled = Math.round((Math.max(0, Math.min(percent, 100)) / 100) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
