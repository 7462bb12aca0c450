import { describeTarget } from '../../database/url.ts';
import { connectPostgres, type PostgresConnection } from '../connection.ts';
import { type FenceReason, raiseSql } from './fence-sql.ts';
import { missingRights } from './freeze-errors.ts';
import { type LockLimits, lockTables } from './lock-tables.ts';
import { commitSealed, type SealingSession } from './seal.ts';
import {
  everyTable,
  OUR_SCHEMA,
  read,
  type TableFilter,
  sql as tablesSql,
  type UserTable,
} from './tables.ts';

export interface FreezeOptions {
  /** What refused writers are told once it is sealed. */
  reason: FenceReason;
  /** Every table unless told. */
  include?: TableFilter;
  /** Give up when the locks are not to be had within this, ms. */
  limitMs?: number;
  /** The server lets the locks go when we are silent for longer, ms: above the deadline of the pause. */
  silenceMs?: number;
}

/** Writers wait, readers go on. Exactly one of the two ends it. */
export interface Frozen {
  /** Writers, those who wait as well, are refused from now on, whoever dies. */
  seal(signal: AbortSignal): Promise<void>;
  /** Writers go on as if nothing had been. Never fails: the server does the same when we are gone. */
  thaw(): Promise<void>;
}

/**
 * Connected and looked around already, so that in the pause one round trip does it. Connects again
 * where the session has died since.
 */
export interface Freezer {
  /** Holds the locks until the end of the session; once. */
  freeze(signal: AbortSignal): Promise<Frozen>;
  close(): Promise<void>;
}

/** @throws PortSyncError also where the role may not do what it takes */
export async function prepareFreeze(
  url: string,
  options: FreezeOptions,
  signal: AbortSignal,
): Promise<Freezer> {
  const { reason, include = everyTable, limitMs = 3000, silenceMs = 10_000 } = options;
  const { where } = describeTarget(url);
  const connection = await connectPostgres(url, 'portsync freeze', signal);
  try {
    const facts = await lookAround(connection, silenceMs, include, signal);
    const missing = missingRights(where, facts);
    if (missing) throw missing;
    const limits = { where, include, limitMs, deadlockMs: facts.deadlockMs };
    return {
      freeze: (during) =>
        connection.alive
          ? freeze({ ...facts, url, connection, reason }, limits, during)
          : freezeWrites(url, options, during),
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** @throws PortSyncError */
export async function freezeWrites(
  url: string,
  options: FreezeOptions,
  signal: AbortSignal,
): Promise<Frozen> {
  const freezer = await prepareFreeze(url, options, signal);
  try {
    return await freezer.freeze(signal);
  } catch (error) {
    await freezer.close();
    throw error;
  }
}

interface Facts extends Omit<SealingSession, 'url' | 'connection'> {
  role: string;
  database: string;
  schemaThere: boolean;
  mayMakeSchema: boolean;
  deadlockMs: number;
  tables: UserTable[];
}

async function freeze(
  session: Facts & SealingSession & { reason: FenceReason },
  limits: LockLimits,
  signal: AbortSignal,
): Promise<Frozen> {
  const { connection, reason, schemaThere } = session;
  const tables = await lockTables(connection, session.tables, limits, signal);
  return {
    seal: (during) => commitSealed(session, raiseSql(tables, reason, schemaThere), tables, during),
    thaw: () => connection.close().catch(() => {}),
  };
}

async function lookAround(
  connection: PostgresConnection,
  silenceMs: number,
  include: TableFilter,
  signal: AbortSignal,
): Promise<Facts> {
  await connection.ask(sessionSql(silenceMs), signal);
  // Only superusers may: whoever waits this long for an autovacuum's lock ends the autovacuum.
  await connection.ask("set deadlock_timeout = '100ms'", signal).catch(() => {});
  const [[row] = [], rows = []] = await connection.ask(`${FACTS}; ${tablesSql}`, signal);
  return {
    role: String(row?.role),
    database: String(row?.database),
    pid: Number(row?.pid),
    startedAt: String(row?.started_at),
    schemaThere: row?.schema_there === true,
    mayMakeSchema: row?.may_make_schema === true,
    deadlockMs: Number(row?.deadlock_ms),
    tables: read(rows, include),
  };
}

/**
 * So that the server notices when our machine is gone without a word: nobody answers its probes
 * (2–4 s), it cannot send (4 s), a lock is waited for (1 s), or nothing at all comes (silenceMs). A
 * fence that is told as up is on disk, whatever the default of the role.
 */
function sessionSql(silenceMs: number): string {
  return `set statement_timeout = 0; set search_path = '';
set idle_session_timeout = 0; set idle_in_transaction_session_timeout = ${silenceMs};
set tcp_keepalives_idle = 1; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 3;
set tcp_user_timeout = 4000; set client_connection_check_interval = 1000;
set default_transaction_isolation = 'read committed'; set default_transaction_read_only = off;
set synchronous_commit = on`;
}

const FACTS = `
select current_user::text as role, current_database()::text as database, pg_backend_pid() as pid,
  (select backend_start::text from pg_stat_activity where pid = pg_backend_pid()) as started_at,
  to_regnamespace('${OUR_SCHEMA}') is not null as schema_there,
  to_regnamespace('${OUR_SCHEMA}') is not null
    or has_database_privilege(current_database(), 'create') as may_make_schema,
  (select setting::int from pg_settings where name = 'deadlock_timeout') as deadlock_ms`;
