/** Figures seen at one moment (ms since the epoch); null where nothing was known. */
export interface Sample<K extends string> {
  at: number;
  values: Readonly<Record<K, number | null>>;
}

/** What was seen of one source in this session, bounded. */
export interface Track<K extends string> {
  /** How many looks there were, those that fell out of `recent` too. */
  looks: number;
  recent: ReadonlyArray<Sample<K>>;
}

/** With the peak of each minute of a day: advice needs more than the last minutes. */
export interface DayTrack<K extends string> extends Track<K> {
  minutes: ReadonlyArray<Sample<K>>;
}

/** Wide enough for a graph across any terminal. */
export const RECENT = 240;
/** A day of minutes, and the one that has begun. */
const MINUTES = 1441;

type Values<K extends string> = Record<K, number | null>;

export function emptyTrack<K extends string>(): DayTrack<K> {
  return { looks: 0, recent: [], minutes: [] };
}

export function record<K extends string>(
  { looks, recent }: Track<K>,
  at: number,
  values: Values<K>,
): Track<K> {
  return { looks: looks + 1, recent: [...recent.slice(1 - RECENT), { at, values }] };
}

export function recordDay<K extends string>(
  track: DayTrack<K>,
  at: number,
  values: Values<K>,
): DayTrack<K> {
  return { ...record(track, at, values), minutes: withMinute(track.minutes, at, values) };
}

function withMinute<K extends string>(
  minutes: ReadonlyArray<Sample<K>>,
  at: number,
  values: Values<K>,
): ReadonlyArray<Sample<K>> {
  const minute = at - (at % 60_000);
  const last = minutes.at(-1);
  if (last?.at !== minute) return [...minutes.slice(1 - MINUTES), { at: minute, values }];
  const keys = Object.keys(values) as K[];
  if (keys.every((key) => (values[key] ?? -1) <= (last.values[key] ?? -1))) return minutes;
  const peaks: Values<K> = { ...last.values };
  for (const key of keys) {
    peaks[key] = Math.max(values[key] ?? -Infinity, last.values[key] ?? -Infinity);
    if (peaks[key] === -Infinity) peaks[key] = null;
  }
  return [...minutes.slice(0, -1), { at: minute, values: peaks }];
}

export function figures<K extends string>(
  samples: ReadonlyArray<Sample<K>>,
  key: K,
): Array<number | null> {
  return samples.map((sample) => sample.values[key]);
}

/**
 * The whole of `recent` in at most `width` groups, oldest first. A look stays in its group while
 * others come, so that a graph moves on only by whole columns.
 */
export function grouped<K extends string>(
  { looks, recent }: Track<K>,
  width: number,
): Array<ReadonlyArray<Sample<K>>> {
  const size = Math.max(1, Math.ceil(RECENT / Math.max(1, width)));
  const groups = new Map<number, Array<Sample<K>>>();
  recent.forEach((sample, index) => {
    const group = Math.floor((looks - recent.length + index) / size);
    groups.set(group, [...(groups.get(group) ?? []), sample]);
  });
  return [...groups.values()].slice(-width);
}

/** Ms between the first and the last sample. */
export function span(samples: ReadonlyArray<Sample<string>>): number {
  return (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0);
}

export function peak(values: ReadonlyArray<number | null>): number | null {
  let most: number | null = null;
  for (const value of values) {
    if (value !== null && (most === null || value > most)) most = value;
  }
  return most;
}
