import type { Colour } from './container.ts';

/** What the edge saw of one replica. */
export interface ReplicaTraffic {
  name: string;
  node: string;
  colour: Colour;
  state: 'up' | 'down' | 'draining';
  requestsPerSecond: number;
  /** Share of answers that were 5xx or none, 0–1. */
  errorRate: number;
  p50Ms: number | null;
  p95Ms: number | null;
}

/** What the edge saw over the last seconds. */
export interface Traffic {
  serving: Colour | null;
  requestsPerSecond: number;
  errorsPerSecond: number;
  p50Ms: number | null;
  p95Ms: number | null;
  /** Requests that wait at the edge now. */
  held: number;
  replicas: ReplicaTraffic[];
}
