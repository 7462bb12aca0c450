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
  const short =
    value >= 99.5 ? value.toFixed(0) : value >= 9.95 ? value.toFixed(1) : value.toFixed(2);
  return `${short} ${UNITS[unit]}B`;
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
  if (rounded < 10_000) return rounded.toLocaleString('en-US');
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

const STEPS = [
  { ms: 365 * 86_400_000, short: 'y', long: 'years' },
  { ms: 86_400_000, short: 'd', long: 'days' },
  { ms: 3_600_000, short: 'h', long: 'h' },
  { ms: 60_000, short: 'm', long: 'min' },
  { ms: 1000, short: 's', long: 's' },
] as const;

function step(ms: number) {
  return STEPS.find((candidate) => ms >= candidate.ms) ?? STEPS[4];
}

/** At most three or four characters, for columns: `12s`, `4m`, `2h`, `9d`. */
export function age(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  const unit = step(Math.max(0, ms));
  return `${Math.floor(Math.max(0, ms) / unit.ms)}${unit.short}`;
}

/** For sentences: `14 s`, `3 min`, `2 h`, `9 days`. */
export function duration(ms: number): string {
  const unit = step(Math.max(0, ms));
  const whole = Math.floor(Math.max(0, ms) / unit.ms);
  return `${whole} ${whole === 1 ? unit.long.replace(/s$/, '') || 's' : unit.long}`;
}

const two = (value: number) => String(value).padStart(2, '0');

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

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
