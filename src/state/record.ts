import type { DatabaseFigures } from '../model/database.ts';
import type { Migration } from '../model/migration.ts';
import type { NodeFigures } from '../model/node.ts';
import { dataOf, type Reading } from '../model/reading.ts';
import type { Traffic } from '../model/traffic.ts';
import { withLook } from './container-history.ts';
import type { ReadingEvent } from './events.ts';
import { emptyTrack, record, recordDay } from './history.ts';
import { type NodeTraffic, share, trafficNow, trafficOfNode } from './joins.ts';
import type { History, State } from './state.ts';

/** What was seen goes into the history; what could not be seen leaves a gap there. */
export function withHistory(state: State, event: ReadingEvent, at: number): History {
  const { history } = state;
  switch (event.pane) {
    case 'traffic':
      return { ...history, traffic: record(history.traffic, at, ofTraffic(fresh(event.reading))) };
    case 'database': {
      const figures = ofDatabase(fresh(event.reading));
      return { ...history, database: record(history.database, at, figures) };
    }
    case 'migration': {
      const figures = ofMigration(fresh(event.reading));
      return { ...history, migration: record(history.migration, at, figures) };
    }
    case 'nodes': {
      const track = history.nodes[event.id] ?? emptyTrack();
      const node = fresh(event.reading);
      const figures = ofNode(node, trafficOfNode(trafficNow(state), node?.name ?? event.id));
      return { ...history, nodes: { ...history.nodes, [event.id]: recordDay(track, at, figures) } };
    }
    case 'containers': {
      const { id, reading } = event;
      const looks = history.containers[id] ?? [];
      const next = withLook(looks, dataOf(reading) ?? [], reading.state === 'ready');
      return { ...history, containers: { ...history.containers, [id]: next } };
    }
    default:
      return history;
  }
}

function fresh<T>(reading: Reading<T>): T | null {
  return reading.state === 'ready' ? reading.data : null;
}

function ofTraffic(traffic: Traffic | null) {
  return {
    requests: traffic?.requestsPerSecond ?? null,
    p95: traffic?.p95Ms ?? null,
    replicas: traffic ? traffic.replicas.filter(({ state }) => state === 'up').length : null,
  };
}

function ofDatabase(database: DatabaseFigures | null) {
  return {
    transactions: database?.transactionsPerSecond ?? null,
    connections: database?.connections?.used ?? null,
  };
}

function ofMigration(migration: Migration | null) {
  return {
    copied: migration?.copy?.bytes ?? null,
    lag: migration?.follow?.lagMs ?? null,
  };
}

function ofNode(node: NodeFigures | null, traffic: NodeTraffic | null) {
  return {
    cpu: node?.cpuPercent ?? null,
    load: node?.load[0] ?? null,
    memory: share(node?.memory),
    disk: share(node?.disk),
    pressureCpu: node?.pressure?.cpu ?? null,
    pressureMemory: node?.pressure?.memory ?? null,
    pressureIo: node?.pressure?.io ?? null,
    requests: traffic?.requestsPerSecond ?? null,
    errors: traffic ? traffic.errorRate * 100 : null,
    p95: traffic?.p95Ms ?? null,
  };
}
