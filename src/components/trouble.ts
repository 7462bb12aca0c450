import type { Reading } from '../model/reading.ts';
import { clock, duration } from './format.ts';
import type { Span } from './spans.ts';
import { wrapped } from './text.ts';

/** What is said of a source that does not answer, longest first: why gives way to what to do. */
function troubleTexts(
  name: string,
  reading: Extract<Reading<unknown>, { state: 'stale' }>,
  now: number,
): string[] {
  const { message, why, next } = reading.error;
  const seen = `${name}: ${lastSeen(reading, now)}.`;
  const parts = [[message, why, next], [message, next], [message]];
  return parts.map((words) => [seen, ...words.filter(Boolean)].join(' '));
}

export function lastSeen(
  reading: Extract<Reading<unknown>, { state: 'stale' }>,
  now: number,
): string {
  if (reading.seenAt === null) return `no answer since ${clock(reading.since)}`;
  return `seen ${duration(now - reading.seenAt)} ago`;
}

interface Stale {
  name: string;
  reading: Reading<unknown>;
}

/** The first source in trouble, in `rows` rows of `width`; the others are counted. */
export function troubleRows(
  sources: readonly Stale[],
  { width, rows, now }: { width: number; rows: number; now: number },
): Span[][] {
  const stale = sources.filter(({ reading }) => reading.state === 'stale');
  const [first] = stale;
  if (first?.reading.state !== 'stale') return [];
  const more = stale.length > 1 ? `(and ${stale.length - 1} more) ` : '';
  const texts = troubleTexts(first.name, first.reading, now).map((text) => more + text);
  const fits = texts.find((text) => wrapped(text, width - 3).length <= rows);
  return wrapped(fits ?? texts.at(-1) ?? '', width - 3, rows).map((line, index) => [
    index === 0 ? ['≈ ', 'look'] : '  ',
    [line, 'look'],
  ]);
}

/** For a pane without data: that it is being read, or why there is nothing and what to do. */
export function emptyRows(readings: ReadonlyArray<Reading<unknown>>, width: number): Span[][] {
  const absent = readings.find((reading) => reading.state === 'absent');
  if (absent?.state === 'absent' && readings.every((reading) => reading.state === 'absent')) {
    const why = wrapped(absent.why, width - 4).map((text, index): Span[] => [
      index === 0 ? [' ○ ', 'dim'] : '   ',
      text,
    ]);
    const next = absent.next === null ? [] : wrapped(absent.next, width - 4);
    return [...why, ...next.map((text): Span[] => ['   ', [text, 'dim']])];
  }
  const waiting = readings.length === 0 || readings.some(({ state }) => state === 'loading');
  return waiting ? [[[' ◌ reading …', 'dim']]] : [];
}
