/** What is shown where nothing is known. */
export const UNKNOWN = '–';

const UNITS = ['B', 'K', 'M', 'G', 'T', 'P'];

function scaled(bytes: number): { value: number; unit: number } {
  let value = Math.max(0, bytes);
  let unit = 0;
  // 999.5 would be written with four digits.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return { value, unit };
}

function digits(value: number, unit: number): string {
  return unit === 0 || value >= 9.95 ? String(Math.round(value)) : value.toFixed(1);
}

/** At most four characters, for columns: `300K`, `1.2M`, `148M`. */
export function bytes(count: number | null): string {
  if (count === null) return UNKNOWN;
  const { value, unit } = scaled(count);
  return `${digits(value, unit)}${UNITS[unit]}`;
}

/** For sentences: `1.24 GB`, `148 MB`. */
export function bytesLong(count: number | null): string {
  if (count === null) return UNKNOWN;
  const { value, unit } = scaled(count);
  if (unit === 0) return `${Math.round(value)} B`;
  return `${Number(value.toPrecision(3))} ${UNITS[unit]}B`;
}

/** Used against its limit, the unit once where it is the same: `148/512M`, `512M/1.0G`. */
export function memory(used: number | null, limit: number | null): string {
  if (used === null) return UNKNOWN;
  if (limit === null) return bytes(used);
  const most = bytes(limit);
  const now = bytes(used);
  return now.at(-1) === most.at(-1) ? `${now.slice(0, -1)}/${most}` : `${now}/${most}`;
}

/** `9%`, `100%`; of containers also `340%`. */
export function percent(value: number | null): string {
  return value === null ? UNKNOWN : `${Math.round(value)}%`;
}

/** `412`, `3,120`, `41.2k`, `1.3M`. */
export function count(value: number | null): string {
  if (value === null) return UNKNOWN;
  const rounded = Math.round(value);
  if (rounded < 10_000) return whole(rounded);
  if (rounded < 999_500) return `${short(rounded / 1000)}k`;
  return `${short(rounded / 1_000_000)}M`;
}

function short(value: number): string {
  return value >= 99.95 ? value.toFixed(0) : value.toFixed(1);
}

/** Rates below ten keep one digit behind the point: `0.4`, `9.8`, `212`. */
export function perSecond(value: number | null): string {
  if (value === null) return UNKNOWN;
  return value > 0 && value < 9.95 ? value.toFixed(1) : count(value);
}

/** A latency: `0.4 ms`, `38 ms`, `1.2 s`. */
export function latency(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  if (ms > 0 && ms < 0.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return ms < 59_950 ? `${(ms / 1000).toFixed(1)} s` : duration(ms);
}

const DAY = 86_400_000;

const STEPS = [
  { from: 365 * DAY, ms: 365 * DAY, short: 'y', one: 'year', many: 'years' },
  // 100 days would be a fourth character.
  { from: 100 * DAY, ms: 7 * DAY, short: 'w', one: 'week', many: 'weeks' },
  { from: DAY, ms: DAY, short: 'd', one: 'day', many: 'days' },
  { from: 3_600_000, ms: 3_600_000, short: 'h', one: 'h', many: 'h' },
  { from: 60_000, ms: 60_000, short: 'm', one: 'min', many: 'min' },
  { from: 0, ms: 1000, short: 's', one: 's', many: 's' },
] as const;

function inSteps(ms: number) {
  const known = Math.max(0, ms);
  const step = STEPS.find(({ from }) => known >= from) ?? STEPS[5];
  return { step, whole: Math.floor(known / step.ms) };
}

/** At most three characters, for columns: `12s`, `4m`, `2h`, `9d`. */
export function age(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  const { step, whole } = inSteps(ms);
  return `${whole}${step.short}`;
}

/** For sentences: `14 s`, `90 s`, `3 min`, `2 h`, `1 day`. */
export function duration(ms: number): string {
  if (ms < 120_000) return `${Math.floor(Math.max(0, ms) / 1000)} s`;
  const { step, whole } = inSteps(ms);
  return `${whole} ${whole === 1 ? step.one : step.many}`;
}

const two = (value: number) => String(value).padStart(2, '0');

/** For what runs: `0:03`, `1:12`, `2:03:41`. */
export function elapsed(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const small = `${two(minutes)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${small}` : small.replace(/^0/, '');
}

/** For pauses and lags, to the hundredth that has passed: `0.41`. */
export function hundredths(ms: number): string {
  return (Math.floor(Math.max(0, ms) / 10) / 100).toFixed(2);
}

/** Every digit: `4,120,331`. Without `toLocaleString`, whose tables take 7 MB. */
export function whole(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Time of day here: `12:04`. */
export function clock(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `12:04:31` */
export function clockSeconds(at: number): string {
  return `${clock(at)}:${two(new Date(at).getSeconds())}`;
}

/** `11-23 11:40:02`, here. */
export function stamp(iso: string): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return UNKNOWN;
  const date = new Date(at);
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${clockSeconds(at)}`;
}

/** Today only the time: `06:00`; else `11-22 06:00`. */
export function dayTime(iso: string, now: number): string {
  const at = Date.parse(iso);
  const today = new Date(at).toDateString() === new Date(now).toDateString();
  return today ? clock(at) : stamp(iso).slice(0, -3);
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
