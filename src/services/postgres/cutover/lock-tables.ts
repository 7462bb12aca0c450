import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresConnection } from '../connection.ts';
import { sqlState } from '../errors.ts';
import { quoted } from '../names.ts';
import { type Blocker, findBlockers } from './blockers.ts';
import { blockedError, locksFullError } from './freeze-errors.ts';
import { read, sameTables, type TableFilter, sql as tablesSql, type UserTable } from './tables.ts';

/** Longer than most writers take; shorter than a person notices, since all others queue behind us. */
const TRY_MS = 300;
const PAUSES_MS = [30, 60, 120, 250, 500];

export interface LockLimits {
  where: string;
  include: TableFilter;
  /** In all, ms. */
  limitMs: number;
  /** How long somebody must wait before an autovacuum gives way, ms. */
  deadlockMs: number;
}

/**
 * In a transaction that is then left open: writers queue, readers go on. Between the tries nothing is
 * held, so that who holds one table and wants another gets on. Gives the tables that are locked: the
 * list is read again under the locks, since one may have been made meanwhile.
 */
export async function lockTables(
  connection: PostgresConnection,
  known: UserTable[],
  limits: LockLimits,
  signal: AbortSignal,
): Promise<UserTable[]> {
  const end = performance.now() + limits.limitMs;
  let tables = known;
  let tryMs = TRY_MS;
  for (let attempt = 0; ; attempt += 1) {
    const left = Math.max(1, end - performance.now());
    const outcome = await tryLock(connection, tables, Math.min(tryMs, left), limits, signal);
    if (outcome.error === null && sameTables(outcome.tables, tables)) return tables;
    await connection.ask('rollback', signal);
    tables = outcome.tables;
    if (outcome.error === null) continue;
    const blockers = await findBlockers(connection, oids(tables), signal);
    if (performance.now() >= end) throw blockedError(limits.where, blockers, outcome.error);
    tryMs = nextTryMs(blockers, limits.deadlockMs);
    await sleep(PAUSES_MS[attempt] ?? PAUSES_MS.at(-1), undefined, { signal });
  }
}

/** An autovacuum is ended for us only when we have waited as long as the search for deadlocks does. */
export function nextTryMs(blockers: Blocker[], deadlockMs: number): number {
  return blockers.some(({ vacuum }) => vacuum) ? Math.max(TRY_MS, deadlockMs + 200) : TRY_MS;
}

interface Outcome {
  tables: UserTable[];
  /** Set where another try may succeed. */
  error: unknown;
}

async function tryLock(
  connection: PostgresConnection,
  tables: UserTable[],
  ms: number,
  { where, include }: LockLimits,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const answers = await connection.ask(lockSql(tables, ms), signal);
    return { tables: read(answers.at(-1) ?? [], include), error: null };
  } catch (error) {
    const state = error instanceof Error ? sqlState(error.cause) : '';
    if (state === '53200') throw locksFullError(where, tables.length, error);
    if (state === '55P03' || state === '40P01') return { tables, error };
    if (state !== '42P01' && state !== '3F000') throw error;
    // One was dropped since the list was read.
    const [, rows = []] = await connection.ask(`rollback; ${tablesSql}`, signal);
    return { tables: read(rows, include), error };
  }
}

/** `only`: the children of a parent are in the list themselves, in its order. */
function lockSql(tables: UserTable[], ms: number): string {
  const names = tables.map((table) => `only ${quoted(table)}`).join(', ');
  return [
    'begin',
    `set local lock_timeout = ${Math.ceil(ms)}`,
    ...(tables.length === 0 ? [] : [`lock table ${names} in exclusive mode`]),
    tablesSql,
  ].join(';\n');
}

function oids(tables: UserTable[]): string[] {
  return tables.map(({ oid }) => oid);
}
