import type { Document } from 'mongodb';
import type { ReplicationLag, RunningQuery } from '../../model/database.ts';
import type { Sample } from '../database/rates.ts';
import { oneLine } from '../database/text.ts';
import { shapeOfCommand } from './shape.ts';

/** Ends any of our commands that takes longer: then the server has worse things to do. */
export const LIMIT_MS = 1500;

export const APP_NAME = 'portsync';

const SLOW_MICROS = 1_000_000;
const limited = { maxTimeMS: LIMIT_MS };
const no = (...sections: string[]) => Object.fromEntries(sections.map((name) => [name, 0]));

/** Without its large sections: they are nine tenths of its text and most of its cost. */
export const serverStatus: Document = {
  serverStatus: 1,
  ...no('metrics', 'tcmalloc', 'electionMetrics', 'locks', 'indexStats', 'security', 'queryStats'),
  ...no('readConcernCounters', 'logicalSessionRecordCache', 'twoPhaseCommitCoordinator', 'repl'),
  ...no(
    'catalogStats',
    'extra_info',
    'tenantMigrations',
    'transportSecurity',
    'shardingStatistics',
  ),
  ...limited,
};

export interface Status {
  connections: { used: number; max: number };
  sample: Sample;
}

export function readStatus(status: Document): Status {
  const { connections, wiredTiger, localTime } = status;
  const cache = wiredTiger?.cache ?? {};
  const misses = Number(cache['pages read into cache'] ?? 0);
  return {
    connections: { used: connections.current, max: connections.current + connections.available },
    sample: {
      atMs: Number(localTime),
      transactions: operations(status),
      cacheHits: Number(cache['pages requested from the cache'] ?? 0) - misses,
      cacheMisses: misses,
    },
  };
}

/** Reads and writes that clients asked for; a batch counts once. */
function operations({ opLatencies, opcounters }: Document): number {
  if (opLatencies) return Number(opLatencies.reads.ops) + Number(opLatencies.writes.ops);
  return ['insert', 'query', 'update', 'delete'].reduce(
    (sum, name) => sum + Number(opcounters[name]),
    0,
  );
}

export const dbStats: Document = { dbStats: 1, ...limited };

export function readSize({ totalSize, storageSize, indexSize }: Document): number {
  return Number(totalSize ?? storageSize + indexSize);
}

/**
 * What is slow, waits for a lock, or holds a transaction open. Drivers that wait for news of the
 * server, and streams that wait for changes, run long by design and are left out.
 */
export function currentOp(database: string, allUsers: boolean): Document {
  const inDatabase = { $regex: `^${database.replace(/\W/g, '\\$&')}\\.` };
  const waiting = ['command.hello', 'command.isMaster', 'command.ismaster'];
  return {
    aggregate: 1,
    pipeline: [
      { $currentOp: { allUsers, idleSessions: true, localOps: true, truncateOps: true } },
      {
        $match: {
          appName: { $ne: APP_NAME },
          ...Object.fromEntries(waiting.map((path) => [path, { $exists: false }])),
          'cursor.awaitData': { $ne: true },
          $or: [
            { ns: inDatabase, microsecs_running: { $gte: SLOW_MICROS } },
            { ns: inDatabase, waitingForLock: true },
            { 'transaction.timeOpenMicros': { $exists: true } },
          ],
        },
      },
      { $sort: { microsecs_running: -1 } },
      {
        $project: {
          opid: 1,
          op: 1,
          ns: 1,
          command: { $ifNull: ['$cursor.originatingCommand', '$command'] },
          micros: '$microsecs_running',
          waits: '$waitingForLock',
          openMicros: '$transaction.timeOpenMicros',
        },
      },
    ],
    cursor: { batchSize: 1000 },
    ...limited,
  };
}

export interface Operations {
  blocked: number;
  slow: RunningQuery[];
  /** 0 when none is open. */
  longestTransactionMs: number;
}

export function readOperations({ cursor }: Document): Operations {
  const operations = cursor.firstBatch as Document[];
  return {
    blocked: operations.filter(({ waits }) => waits === true).length,
    slow: operations
      .filter(({ micros }) => Number(micros) >= SLOW_MICROS)
      .slice(0, 20)
      .map(toQuery),
    longestTransactionMs: Math.round(
      Math.max(0, ...operations.map(({ openMicros }) => Number(openMicros ?? 0) / 1000)),
    ),
  };
}

function toQuery({ opid, micros, command, op, ns }: Document): RunningQuery {
  const text = shapeOfCommand(command, String(op), String(ns));
  // The server does not tell who holds the lock.
  return { id: String(opid), ms: Math.round(Number(micros) / 1000), text, blockedBy: [] };
}

export const replSetGetStatus: Document = { replSetGetStatus: 1, ...limited };

/** Every other member, and this one where it is not the primary, behind the primary's last write. */
export function readMembers({ members }: Document): ReplicationLag[] {
  const all = members as Document[];
  const primary = all.find(({ state }) => state === 1);
  return all
    .filter(({ state }) => state !== 1)
    .map(({ name, stateStr, optimeDate, health, self }) => {
      const known = primary && optimeDate && (self || health === 1);
      return {
        name: oneLine(String(name), 60),
        state: String(stateStr).toLowerCase(),
        lagBytes: null,
        lagMs: known ? Math.max(0, Number(primary.optimeDate) - Number(optimeDate)) : null,
        retainedBytes: null,
      };
    });
}
