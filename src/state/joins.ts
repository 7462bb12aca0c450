import type { Container } from '../model/container.ts';
import type { Used } from '../model/node.ts';
import type { LookKind, Looks } from '../model/panes.ts';
import { dataOf, loading, type Reading } from '../model/reading.ts';
import type { ReplicaTraffic, Traffic } from '../model/traffic.ts';
import type { State } from './state.ts';

/** Unique over all engines; `engine` is the source's id. */
export function containerKey(engine: string, container: Container): string {
  return `${engine}/${container.id}`;
}

/** The reading of a kind that has one source: loading until it was heard of. */
export function only<K extends LookKind>(state: State, pane: K): Reading<Looks[K]> {
  const [first] = Object.values<Reading<Looks[K]>>(state.readings[pane]);
  return first ?? loading;
}

export function trafficNow(state: State): Traffic | null {
  return dataOf(only(state, 'traffic'));
}

/** What a node's replicas do together; null where the edge sends nothing to it. */
export interface NodeTraffic {
  replicas: number;
  up: number;
  requestsPerSecond: number;
  /** 0–1 */
  errorRate: number;
  p50Ms: number | null;
  /** Of its slowest replica: percentiles cannot be added up. */
  p95Ms: number | null;
}

export function trafficOfNode(traffic: Traffic | null, node: string): NodeTraffic | null {
  const replicas = traffic?.replicas.filter((replica) => replica.node === node) ?? [];
  if (replicas.length === 0) return null;
  const total = sum(replicas, (replica) => replica.requestsPerSecond);
  const failed = sum(replicas, (replica) => replica.requestsPerSecond * replica.errorRate);
  return {
    replicas: replicas.length,
    up: replicas.filter((replica) => replica.state === 'up').length,
    requestsPerSecond: total,
    errorRate: total > 0 ? failed / total : 0,
    p50Ms: slowest(replicas, (replica) => replica.p50Ms),
    p95Ms: slowest(replicas, (replica) => replica.p95Ms),
  };
}

function sum(replicas: ReplicaTraffic[], of: (replica: ReplicaTraffic) => number): number {
  return replicas.reduce((total, replica) => total + of(replica), 0);
}

function slowest(replicas: ReplicaTraffic[], of: (r: ReplicaTraffic) => number | null) {
  const known = replicas.flatMap((replica) => of(replica) ?? []);
  return known.length > 0 ? Math.max(...known) : null;
}

/** 0–100; null without a total (a machine without swap). */
export function share(used: Used | undefined): number | null {
  if (!used || used.totalBytes <= 0) return null;
  return (used.usedBytes / used.totalBytes) * 100;
}
