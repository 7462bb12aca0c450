import { type PostgresConnection, withConnection } from '../connection.ts';
import { literal } from './literal.ts';
import { type Lsn, parseLsn } from './lsn.ts';

export interface FeedHealth {
  /** `lost`: the server has thrown away log that it still needed. */
  state: 'ok' | 'missing' | 'lost';
  /** Somebody reads it now. */
  active: boolean;
  /** Log that the server keeps for it. */
  keptBytes: number;
  /** How much more it may keep before the server gives it up; null where there is no limit. */
  safeBytes: number | null;
  /** Where it goes on, if nobody knows better. */
  confirmedLsn: Lsn | null;
}

const MISSING: FeedHealth = {
  state: 'missing',
  active: false,
  keptBytes: 0,
  safeBytes: null,
  confirmedLsn: null,
};

export function feedHealth(url: string, name: string, signal: AbortSignal): Promise<FeedHealth> {
  return withConnection(url, signal, (connection) => healthOf(connection, name, signal));
}

export async function healthOf(
  connection: PostgresConnection,
  name: string,
  signal: AbortSignal,
): Promise<FeedHealth> {
  const sql = `select s.wal_status, s.active, s.safe_wal_size, s.confirmed_flush_lsn,
      pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), s.restart_lsn) as kept
    from pg_catalog.pg_replication_slots s where s.slot_name = ${literal(name)}`;
  const [rows] = await connection.ask(sql, signal);
  const row = rows?.[0];
  if (!row) return MISSING;
  const confirmed = row.confirmed_flush_lsn;
  return {
    state: row.wal_status === 'lost' || confirmed === null ? 'lost' : 'ok',
    active: row.active === true,
    keptBytes: Math.max(0, Number(row.kept ?? 0)),
    safeBytes: row.safe_wal_size === null ? null : Number(row.safe_wal_size),
    confirmedLsn: typeof confirmed === 'string' ? parseLsn(confirmed) : null,
  };
}

const DEFAULT_BUDGET = 16 * 1024 ** 3;

/** What a slot may keep: nine tenths of the server's own limit, after which it would be lost unasked. */
export async function defaultBudget(
  connection: PostgresConnection,
  signal: AbortSignal,
): Promise<number> {
  const sql = `select setting::pg_catalog.int8 * 1048576 as bytes from pg_catalog.pg_settings
    where name = 'max_slot_wal_keep_size'`;
  const [rows] = await connection.ask(sql, signal);
  const limit = Number(rows?.[0]?.bytes ?? -1);
  return limit > 0 ? Math.floor(limit * 0.9) : DEFAULT_BUDGET;
}
