import { posix } from 'node:path';
import type { Colour } from '../../model/container.ts';

/** How the edge finds the replicas of a colour. */
export type Discovery =
  /** Docker's DNS answers with the address of every running task of `web-blue` and `web-green`. */
  | { kind: 'dns'; resolver: string; port: number; slots: number }
  | { kind: 'fixed'; servers: Readonly<Record<Colour, readonly FixedServer[]>> };

export interface FixedServer {
  name: string;
  /** host:port */
  address: string;
}

export interface EdgeSettings {
  /** Directory of the edge's files as HAProxy sees it. */
  dir: string;
  /** `address:port`; `:port` is every address, IPv6 too. */
  http: string;
  /** The certificate file holds the chain and the key in PEM; null serves plain HTTP only. */
  https: { bind: string; certificate: string } | null;
  discovery: Discovery;
  /** Path that a replica answers with 200 while it can serve. */
  ready: string;
  /** A replica that says nothing for so long is given up; a request that may be repeated goes elsewhere. */
  answerWithinMs: number;
  largestBodyBytes: number;
  maxConnections: number;
}

export const EDGE_DEFAULTS = {
  ready: '/api/ready',
  answerWithinMs: 30_000,
  largestBodyBytes: 100 * 1024 * 1024,
  maxConnections: 4000,
} as const satisfies Partial<EdgeSettings>;

/** What lies in the edge's directory; `run` is where HAProxy makes its sockets. */
export const EDGE_FILES = {
  config: 'haproxy.cfg',
  script: 'hold.lua',
  map: 'edge.map',
  socket: 'run/haproxy.sock',
  master: 'run/master.sock',
  servers: 'run/servers.state',
} as const;

export function edgeFile(dir: string, file: keyof typeof EDGE_FILES): string {
  return posix.join(dir, EDGE_FILES[file]);
}

export function backendOf(colour: Colour): string {
  return `web-${colour}`;
}

/** The servers of the other colour in each backend, which are used while they are told to be ready. */
export const SPARE = 'spare-';

export function colourOf(backend: string): Colour | null {
  return backend === 'web-blue' ? 'blue' : backend === 'web-green' ? 'green' : null;
}

export const COLOURS: readonly Colour[] = ['blue', 'green'];
