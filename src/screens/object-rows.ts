import { bytes, memory, percent, plural } from '../components/format.ts';
import { lowBar } from '../components/progress.ts';
import type { Span } from '../components/spans.ts';
import { pad, widthOf } from '../components/text.ts';
import type { Migration, ObjectProgress } from '../model/migration.ts';
import { objectsOf } from './migrate-words.ts';

/** Rows that tell something; more would only be long. */
const MOST = 14;

const ORDER = { copying: 0, indexing: 1, waiting: 2, done: 3 } as const;

/** The tables that are being copied, those that wait, those that are there; as many as fit. */
export function objectRows(
  { copy, kind, state }: Migration,
  width: number,
  most: number,
): Span[][] {
  const shown = copy && (state === 'copying' || state === 'failed') ? copy.objects : [];
  if (shown.length === 0 || most < 2) return [];
  const sorted = [...shown].sort(
    (a, b) => ORDER[a.state] - ORDER[b.state] || b.totalBytes - a.totalBytes,
  );
  const longest = Math.max(...shown.map(({ name }) => widthOf(name)));
  const names = Math.max(10, Math.min(longest, 40, width - BAR - 20));
  const room = Math.min(most, MOST);
  const fit = sorted.length <= room ? room : room - 1;
  const rest = sorted.slice(fit);
  const rows = sorted.slice(0, fit).map((object) => objectRow(object, names));
  if (rest.length === 0) return rows;
  const done = rest.filter((object) => object.state === 'done').length;
  const words = [
    done > 0 ? `${done} done` : '',
    rest.length > done ? `${rest.length - done} wait` : '',
  ].filter(Boolean);
  const [one, many] = objectsOf(kind);
  return [
    ...rows,
    [' ', [`and ${plural(rest.length, one, many)} more: ${words.join(', ')}`, 'dim']],
  ];
}

const BAR = 20;

function objectRow(object: ObjectProgress, names: number): Span[] {
  const { state } = object;
  const busy = state === 'copying' || state === 'indexing';
  const tone = busy ? 'plain' : 'dim';
  const share = object.totalBytes > 0 ? (object.bytes / object.totalBytes) * 100 : 0;
  const course: Span[] =
    state === 'copying'
      ? [...lowBar(share, BAR), pad(percent(Math.floor(share)), 5, 'right')]
      : [[pad(WORDS[state], BAR + 5), tone]];
  const size = pad(sizeOf(object), 10, 'right');
  return [' ', [pad(object.name, names), tone], '  ', ...course, [size, 'dim']];
}

const WORDS = { copying: '', indexing: 'indexes', waiting: 'waits', done: 'done' } as const;

function sizeOf({ state, bytes: copied, totalBytes }: ObjectProgress): string {
  return state === 'copying' ? memory(copied, totalBytes) : bytes(totalBytes);
}
