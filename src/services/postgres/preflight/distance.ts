import { type Finding, fine, warning } from '../../../model/finding.ts';
import type { PostgresConnection } from '../connection.ts';
import { time } from './figures.ts';
import { pause } from './trials.ts';

/** How far a server is from here. */
export interface Distance {
  roundTripMs: number;
  /** Of what is sent there, as one stream; null where it is too near to tell. */
  bytesPerMs: number | null;
  /** Its clock less ours, ms. */
  clockMs: number;
}

const TRIES = 8;
const REST_MS = 5;
const SAMPLE_BYTES = 256 * 1024;
/** A page of an app asks some twenty times: from here on it is felt. */
const FAR_MS = 10;
const QUERIES = 20;

export async function measureDistance(
  connection: PostgresConnection,
  signal: AbortSignal,
): Promise<Distance> {
  const sql = 'select extract(epoch from clock_timestamp())::float8 * 1000 as at';
  const trips: Array<{ ms: number; clockMs: number }> = [];
  for (let i = 0; i < TRIES; i += 1) {
    const [from, now] = [performance.now(), Date.now()];
    const [rows] = await connection.ask(sql, signal);
    const ms = performance.now() - from;
    trips.push({ ms, clockMs: Number(rows?.[0]?.at) - (now + ms / 2) });
    await pause(REST_MS, signal);
  }
  // The shortest: the others waited for a processor as well.
  const nearest = trips.reduce((best, trip) => (trip.ms < best.ms ? trip : best));
  const roundTripMs = nearest.ms;
  const from = performance.now();
  await connection.ask(`select length('${'x'.repeat(SAMPLE_BYTES)}')`, signal);
  const sendingMs = performance.now() - from - roundTripMs;
  const bytesPerMs = sendingMs < 1 ? null : SAMPLE_BYTES / sendingMs;
  return { roundTripMs, bytesPerMs, clockMs: nearest.clockMs };
}

export function checkDistance(source: Distance, target: Distance): Finding[] {
  const [here, there] = [source.roundTripMs, target.roundTripMs];
  const more = (there - here) * QUERIES;
  if (there - here < FAR_MS) {
    return [fine('distance', 'target', `A question there and back takes ${time(there)}.`)];
  }
  return [
    warning('distance', 'target', {
      message: `The target is ${time(there)} away, the source ${time(here)}.`,
      why: `Every query of the app takes that much longer: a page with ${QUERIES} of them about ${time(more)}.`,
      cure: 'Take the target in the region where the app runs.',
    }),
  ];
}

/** Half a second and what the way there may hide. */
export function checkClocks(source: Distance, target: Distance): Finding[] {
  const apart = Math.abs(target.clockMs - source.clockMs);
  if (apart < 500 + source.roundTripMs + target.roundTripMs) {
    return [fine('clock', 'target', 'The clocks of both servers agree.')];
  }
  const way = target.clockMs < source.clockMs ? 'behind' : 'ahead of';
  return [
    warning('clock', 'target', {
      message: `The target’s clock is ${time(apart)} ${way} the source’s.`,
      why: 'now() of the app’s rows would jump by as much at the switch.',
      cure: 'Set both by NTP: timedatectl set-ntp true',
    }),
  ];
}
