import type { QueryResultRow } from 'pg';
import { type Dialled, dialPostgres, untilAborted } from '../dial.ts';
import { postgresError } from '../errors.ts';

/** A copy may take hours, and a session of it may wait that long for its turn. */
const PATIENT = [
  ...['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'],
  ...['idle_session_timeout', 'transaction_timeout'],
];
const LEAST_MEMORY_KB = 128 * 1024;

/** One session of the copy. Not for two queries at once. */
export class Session {
  readonly dialled: Dialled;

  private constructor(dialled: Dialled) {
    this.dialled = dialled;
  }

  /** @throws PortSyncError */
  static async open(url: string, settings: string, signal: AbortSignal): Promise<Session> {
    const dialled = await dialPostgres(url, { applicationName: 'portsync copy' }, signal);
    const session = new Session(dialled);
    try {
      await session.query(settings, signal);
      return session;
    } catch (error) {
      session.cut();
      throw error;
    }
  }

  /**
   * The rows of the last statement. With `values` one statement only.
   * @throws PortSyncError
   */
  async query<R extends QueryResultRow>(
    sql: string,
    signal: AbortSignal,
    values?: unknown[],
  ): Promise<R[]> {
    const { client, socket, where } = this.dialled;
    try {
      const answer: unknown = await untilAborted(client.query<R>(sql, values), socket, signal);
      const last = Array.isArray(answer) ? answer.at(-1) : answer;
      return (last as { rows: R[] }).rows;
    } catch (error) {
      throw postgresError(error, where);
    }
  }

  /** Ends it without a word: the server undoes what was under way. */
  cut(): void {
    this.dialled.socket.destroy();
  }
}

/** Names are written out in full and rows come whole, whatever policies there are. */
export const SOURCE_SETTINGS = `${patience()};
  set search_path = ''; set row_security = off; set extra_float_digits = 3;
  set datestyle = iso; set intervalstyle = postgres`;

/** The role's own search path stays: a CHECK may call a function that relies on it. */
export const TARGET_SETTINGS = `${patience()};
  set synchronous_commit = off; set default_transaction_read_only = off;
  set row_security = off; set datestyle = iso; set intervalstyle = postgres;
  set xmloption = content; set client_min_messages = warning`;

export const SCHEMA_SETTINGS = `${TARGET_SETTINGS};
  set search_path = ''; set check_function_bodies = off`;

/** @param parallel whether one build may take several processes of the server */
export function buildSettings(parallel: boolean): string {
  const memory = `select set_config('maintenance_work_mem',
    greatest(setting::bigint, ${LEAST_MEMORY_KB}) || 'kB', false)
    from pg_catalog.pg_settings where name = 'maintenance_work_mem'`;
  const workers = parallel ? '' : '; set max_parallel_maintenance_workers = 0';
  return `${SCHEMA_SETTINGS}; ${memory}${workers}`;
}

/** Not every version knows every one of them. */
export function patience(): string {
  const list = PATIENT.map((name) => `'${name}'`).join(', ');
  return `select pg_catalog.set_config(name, '0', false) from pg_catalog.pg_settings
    where name in (${list})`;
}
