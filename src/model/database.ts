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
  /** What the server keeps on its disk for this slot; null where there is no slot. */
  retainedBytes: number | null;
}

/** A database server as its own views tell it. Rates are null until two looks were taken. */
export interface DatabaseFigures {
  kind: DatabaseKind;
  version: string;
  /** host:port/name, without user or password. */
  where: string;
  /** True when the server runs on this machine. */
  here: boolean;
  /** Null while it is not known: looked up rarely, since it is dear on a large database. */
  sizeBytes: number | null;
  /** Of the whole server. Null when the role may not see them. */
  connections: { used: number; max: number } | null;
  transactionsPerSecond: number | null;
  cacheHitPercent: number | null;
  /** 0 when none is open, null when the role may not see them. */
  longestTransactionMs: number | null;
  /** Queries that wait for a lock now. Null when the role may not see them. */
  blocked: number | null;
  /** Running for a second or more, slowest first, at most 20. */
  slow: RunningQuery[];
  /** Those that others wait for, oldest transaction first, at most 20; `ms` since it began. */
  blockers: RunningQuery[];
  replication: ReplicationLag[];
  /** What the role may not see, and how to let it; null when nothing is hidden. */
  hint: string | null;
}
