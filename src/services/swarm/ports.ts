import { isRecord, list } from './compose.ts';

/** A published port in the long form that both `docker compose` and `docker stack deploy` take. */
export interface PublishedPort {
  target: number;
  published: number;
  protocol: 'tcp' | 'udp';
  mode: 'host';
}

/** Where a compose file publishes: `"127.0.0.1:5432:5432/tcp"`, `80`, `"8080-8081:80-81"`, long forms. */
export interface PortEntry {
  hostIp: string | null;
  /** Null where the engine chooses. */
  published: number | null;
  target: number;
  protocol: 'tcp' | 'udp';
}

/** Null stands for an entry that cannot be read, such as one with a variable. */
export function portsOf(ports: unknown): Array<PortEntry | null> {
  return list(ports).flatMap((entry) => (isRecord(entry) ? [longForm(entry)] : shortForm(entry)));
}

/** Swarm publishes on all addresses of the node: an entry for one address only is left out. */
export function hostPorts(ports: unknown): PublishedPort[] {
  return portsOf(ports).flatMap((entry) => {
    if (!entry || entry.published === null || isLoopback(entry.hostIp)) return [];
    const { target, published, protocol } = entry;
    return [{ target, published, protocol, mode: 'host' as const }];
  });
}

export function isLoopback(ip: string | null): boolean {
  return ip !== null && /^(127\.|\[?::1)/.test(ip);
}

function longForm(entry: Record<string, unknown>): PortEntry | null {
  const target = Number(entry.target);
  const published = entry.published === undefined ? null : Number(entry.published);
  if (!Number.isInteger(target) || Number.isNaN(published)) return null;
  const hostIp = typeof entry.host_ip === 'string' ? entry.host_ip : null;
  return { hostIp, published, target, protocol: entry.protocol === 'udp' ? 'udp' : 'tcp' };
}

const SHORT =
  /^(?:(\[[0-9a-f:]+\]|\d+(?:\.\d+){3}):)?(?:(\d+)?(?:-(\d+))?:)?(\d+)(?:-(\d+))?(?:\/(tcp|udp))?$/i;

function shortForm(entry: unknown): Array<PortEntry | null> {
  const match = SHORT.exec(String(entry));
  if (!match) return [null];
  const [, ip, from, , targetFrom, targetTo, protocol] = match;
  const count = targetTo === undefined ? 1 : Number(targetTo) - Number(targetFrom) + 1;
  return Array.from({ length: count }, (_, at) => ({
    hostIp: ip ?? null,
    published: from === undefined ? null : Number(from) + at,
    target: Number(targetFrom) + at,
    protocol: protocol?.toLowerCase() === 'udp' ? ('udp' as const) : ('tcp' as const),
  }));
}
