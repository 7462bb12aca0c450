import { naturally } from './natural-order.ts';

/** Where someone is in a list. The chosen item is kept by its id: rows may come, go and move. */
export interface Place {
  chosen: string | null;
  /** Its row when it was chosen: the neighbour takes over when the item goes. */
  row: number;
  /** First row that is shown. */
  top: number;
}

export interface Sort {
  column: string;
  descending: boolean;
}

export interface Listing extends Place {
  filter: string;
  sort: Sort | null;
}

export type Move = 'up' | 'down' | 'pageUp' | 'pageDown' | 'first' | 'last';

export const startOfList: Listing = { chosen: null, row: 0, top: 0, filter: '', sort: null };

export function chosenRow(place: Place, ids: readonly string[]): number {
  const found = place.chosen === null ? -1 : ids.indexOf(place.chosen);
  return found >= 0 ? found : clamp(place.row, 0, ids.length - 1);
}

/** `page` is how many rows are visible. */
export function move(place: Place, ids: readonly string[], by: Move, page: number): Place {
  const row = clamp(chosenRow(place, ids) + distance(by, page, ids.length), 0, ids.length - 1);
  return { chosen: ids[row] ?? null, row, top: topFor(place.top, row, ids.length, page) };
}

function distance(by: Move, page: number, length: number): number {
  switch (by) {
    case 'up':
      return -1;
    case 'down':
      return 1;
    case 'pageUp':
      return -Math.max(1, page - 1);
    case 'pageDown':
      return Math.max(1, page - 1);
    case 'first':
      return -length;
    case 'last':
      return length;
  }
}

/** Scrolls only as far as needed to keep `row` in sight, so that nothing jumps. */
function topFor(top: number, row: number, length: number, page: number): number {
  const kept = row < top ? row : row >= top + page ? row - page + 1 : top;
  return clamp(kept, 0, length - page);
}

/** The rows in sight, and which of them is chosen. */
export function inSight<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  place: Place,
  page: number,
): { rows: T[]; chosen: number; above: number; below: number } {
  const row = chosenRow(place, rows.map(idOf));
  const top = topFor(place.top, row, rows.length, page);
  const seen = rows.slice(top, top + Math.max(0, page));
  return {
    rows: seen,
    chosen: row - top,
    above: top,
    below: Math.max(0, rows.length - top - seen.length),
  };
}

/** Every word of the filter occurs somewhere in the row's words. */
export function matches(filter: string, words: ReadonlyArray<string | null>): boolean {
  const wanted = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return true;
  const text = words.join(' ').toLowerCase();
  return wanted.every((word) => text.includes(word));
}

export type SortKey = string | number | null;

/** Unknown values go last whichever way the rest is sorted. */
export function compare(a: SortKey, b: SortKey, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const order =
    typeof a === 'number' && typeof b === 'number' ? a - b : naturally(String(a), String(b));
  return descending ? -order : order;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
