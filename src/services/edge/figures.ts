import type { Colour } from '../../model/container.ts';
import type { ReplicaTraffic, Traffic } from '../../model/traffic.ts';
import type { HoldState, RequestLine, StatRow } from './answers.ts';
import { colourOf, SPARE } from './settings.ts';

const WINDOW_MS = 10_000;
const SHORTEST_MS = 1000;

/** Who a replica is to the rest of PortSync. */
export interface ReplicaName {
  name: string;
  node: string;
}

export interface Look {
  serving: Colour | null;
  hold: HoldState;
  /** Requests that wait at the edge. */
  waiting: number;
  rows: readonly StatRow[];
  /** Oldest first. */
  requests: readonly RequestLine[];
  /** By IP address. */
  names: ReadonlyMap<string, ReplicaName>;
}

/** What the edge saw over the last ten seconds, or as far back as its memory of requests goes. */
export function trafficOf({ serving, hold, waiting, rows, requests, names }: Look): Traffic {
  const from = hold.now - WINDOW_MS;
  const recent = requests.filter(({ at }) => at >= from);
  const whole = requests.length > recent.length;
  const oldest = whole ? from : (recent[0]?.at ?? from);
  const seconds = Math.max(SHORTEST_MS, hold.now - oldest) / 1000;
  const { requestsPerSecond, errorRate, p50Ms, p95Ms } = summary(recent, seconds);
  return {
    serving,
    requestsPerSecond,
    errorsPerSecond: errorRate * requestsPerSecond,
    p50Ms,
    p95Ms,
    held: waiting,
    replicas: rows.flatMap((row) => replica(row, recent, seconds, names)),
  };
}

function replica(
  row: StatRow,
  recent: readonly RequestLine[],
  seconds: number,
  names: Look['names'],
): ReplicaTraffic[] {
  const colour = colourOf(row.backend);
  if (!colour || isNobody(row)) return [];
  const ip = row.address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const known = names.get(ip) ?? { name: row.server, node: 'main' };
  const own = recent.filter(
    ({ server, backend }) => server === row.server && backend === row.backend,
  );
  return [{ ...known, colour, state: stateOf(row.status), ...summary(own, seconds) }];
}

/** A slot that no task has, a spare, or the sum of all. */
function isNobody({ server, status }: StatRow): boolean {
  return server === 'BACKEND' || server.startsWith(SPARE) || /^MAINT/.test(status);
}

function stateOf(status: string): ReplicaTraffic['state'] {
  if (/^(DRAIN|NOLB)/.test(status)) return 'draining';
  return status.startsWith('UP') ? 'up' : 'down';
}

function summary(requests: readonly RequestLine[], seconds: number) {
  const failed = requests.filter(({ status }) => status >= 500 || status < 100).length;
  const times = requests.flatMap(({ ms }) => ms ?? []).sort((one, other) => one - other);
  const at = (share: number) => times[Math.ceil(times.length * share) - 1] ?? null;
  return {
    requestsPerSecond: requests.length / seconds,
    errorRate: requests.length === 0 ? 0 : failed / requests.length,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
  };
}
