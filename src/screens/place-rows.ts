import { plural, stamp } from '../components/format.ts';
import type { Span } from '../components/spans.ts';
import { mark } from '../components/state-mark.ts';
import { wrapped } from '../components/text.ts';
import type { EnvPlace, EnvVersion } from '../model/env.ts';

const MOST_ROWS_FOR_ONE = 3;

/** Which replica, or node's copy, has which version of the .env; those that are not in step first. */
export function placeRows(
  places: readonly EnvPlace[],
  versions: readonly EnvVersion[],
  width: number,
  room: number,
): Span[][] {
  if (places.length === 0) return [[[' ○ no replica runs, and no node has a copy', 'dim']]];
  const odd = places.filter((place) => !inStep(place));
  const all = [...odd, ...places.filter(inStep)].map((place) => rowsOf(place, versions, width));
  const rows = all.flat();
  if (rows.length <= room) return rows;
  return [...rows.slice(0, room - 1), [[` (${rows.length - room + 1} more rows)`, 'dim']]];
}

function inStep({ differs, unread }: EnvPlace): boolean {
  return differs.length === 0 && unread === null;
}

function rowsOf(place: EnvPlace, versions: readonly EnvVersion[], width: number): Span[][] {
  const sign = mark(place.unread !== null ? 'bad' : inStep(place) ? 'good' : 'look');
  const head: Span[] = [' ', sign, ` ${place.where}`];
  const words = wordsOf(place, versions);
  if (inStep(place)) return [[...head, [`  ${words}`, 'dim']]];
  const below = wrapped(words, width - 4, MOST_ROWS_FOR_ONE);
  return [head, ...below.map((text): Span[] => ['   ', [text, 'look']])];
}

function wordsOf({ version, differs, unread }: EnvPlace, versions: readonly EnvVersion[]): string {
  if (unread !== null) return `not looked at: ${unread}`;
  if (differs.length === 0) return 'as the file';
  const found = versions.find(({ id }) => id === version);
  const has = found ? `version of ${stamp(found.at)}` : 'no version';
  const verb = differs.length === 1 ? 'differs' : 'differ';
  return `${has}: ${plural(differs.length, 'key')} ${verb} from the file: ${differs.join(', ')}`;
}
