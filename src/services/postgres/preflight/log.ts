import type { Row } from '../connection.ts';
import type { Query } from './ask.ts';

/** The write-ahead log: what it holds, for whom it is kept, how much of it may be. */
export interface Log {
  level: string;
  slots: { used: number; max: number };
  senders: { used: number; max: number };
  /** Nobody reads from these, and the server keeps the log for them. */
  idleSlots: Array<{ name: string; keptBytes: number }>;
  /** What a slot may hold back at most, bytes; null: without a limit. */
  keepBytes: number | null;
  /** Null where the role may not know. */
  dataDirectory: string | null;
}

export const log: Query<Log> = {
  about: 'its log and replication',
  sql: `
select current_setting('wal_level') as level,
  current_setting('max_replication_slots')::int as max_slots,
  current_setting('max_wal_senders')::int as max_senders,
  (select count(*)::int from pg_get_replication_slots()) as slots,
  (select count(*)::int from pg_stat_get_wal_senders()) as senders,
  (select coalesce(json_agg(json_build_object('name', slot_name, 'keptBytes',
      case when pg_is_in_recovery() then 0
      else coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0) end)), '[]')
    from pg_get_replication_slots() where not active and slot_name !~ '^portsync') as idle,
  (select case when setting::float8 >= 0 then setting::float8 * 1048576 end
    from pg_settings where name = 'max_slot_wal_keep_size') as keep,
  (select setting from pg_settings where name = 'data_directory') as directory`,
  read: ([row = {}]: Row[]) => ({
    level: String(row.level),
    slots: { used: Number(row.slots), max: Number(row.max_slots) },
    senders: { used: Number(row.senders), max: Number(row.max_senders) },
    idleSlots: row.idle as Log['idleSlots'],
    keepBytes: typeof row.keep === 'number' ? row.keep : null,
    dataDirectory: typeof row.directory === 'string' ? row.directory : null,
  }),
};

export interface Position {
  /** Bytes of log ever written. */
  bytes: number;
  /** ms, of the server's clock. */
  at: number;
}

export const position: Query<Position> = {
  about: 'how much log it writes',
  sql: `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as bytes,
  extract(epoch from clock_timestamp())::float8 * 1000 as at`,
  read: ([row = {}]: Row[]) => ({ bytes: Number(row.bytes), at: Number(row.at) }),
};

/** Bytes a millisecond; null where the two are too close to each other to tell. */
export function rateBetween(before: Position, after: Position): number | null {
  const ms = after.at - before.at;
  return ms < 200 ? null : Math.max(0, after.bytes - before.bytes) / ms;
}
