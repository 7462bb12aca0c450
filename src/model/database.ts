export type DatabaseKind = 'postgres' | 'mongo';

export interface RunningQuery {
  id: string;
  ms: number;
  /** One line, literals removed. */
  text: string;
  /** Ids of the queries that it waits for. */
  blockedBy: string[];
}

export interface ReplicationLag {
  name: string;
  state: string;
  lagBytes: number | null;
  lagMs: number | null;
}

/** A database server as its own views tell it. Rates are null until two looks were taken. */
export interface DatabaseFigures {
  kind: DatabaseKind;
  version: string;
  /** host:port/name, without user or password. */
  where: string;
  /** True when the server runs on this machine. */
  here: boolean;
  sizeBytes: number;
  connections: { used: number; max: number };
  transactionsPerSecond: number | null;
  cacheHitPercent: number | null;
  longestTransactionMs: number | null;
  blocked: number;
  /** Running for a second or more, slowest first, at most 20. */
  slow: RunningQuery[];
  replication: ReplicationLag[];
}
