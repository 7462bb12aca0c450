import type { Span } from '../components/spans.ts';

/** In a pane's title: what its rows are filtered by. */
export function filterNote(filter: string): Span[] {
  return filter === '' ? [] : [' ', [`/${filter}`, 'accent']];
}

/** In a pane's title: how many rows are out of sight. */
export function scrollNote({ above, below }: { above: number; below: number }): Span[] {
  if (above === 0 && below === 0) return [];
  const parts = [above > 0 ? `↑${above}` : '', below > 0 ? `↓${below}` : ''].filter(Boolean);
  return [[`, ${parts.join(' ')}`, 'dim']];
}
