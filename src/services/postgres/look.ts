import { PortSyncError } from '../../errors.ts';
import { type Activity, activityOf } from './activity.ts';
import type { PostgresConnection, Row } from './connection.ts';
import { sqlState } from './errors.ts';
import * as activity from './queries/activity.ts';
import * as cost from './queries/cost.ts';
import * as prepared from './queries/prepared.ts';
import * as replication from './queries/replication.ts';
import * as server from './queries/server.ts';
import { settings } from './queries/settings.ts';

/** Ends any of our queries that takes longer: then the server has worse things to do. */
export const LIMIT_MS = 1500;

/** What a role, or a provider, may keep to itself; the pane does without. */
export type OptionalPart = 'activity' | 'replication';

export interface Look {
  server: server.Server;
  activity: Activity | null;
  replication: replication.Replication | null;
  /** How long the server was busy with it. */
  busyMs: number;
}

interface Query<T> {
  sql: string;
  read(rows: Row[]): T;
}

/** Privilege, and functions, tables, columns or features that are not there. */
const REFUSALS = new Set(['42501', '42883', '42P01', '42703', '0A000']);

/** Everything but the size, in one round trip. `refused` is not asked for. */
export async function look(
  connection: PostgresConnection,
  refused: ReadonlySet<OptionalPart>,
  signal: AbortSignal,
): Promise<Look> {
  const wanted = [
    server,
    ...(refused.has('activity') ? [] : [activity, prepared]),
    ...(refused.has('replication') ? [] : [replication]),
    cost,
  ];
  const rows = await send(connection, wanted, signal);
  const of = <T>(query: Query<T>): T | null => {
    const at = wanted.findIndex(({ sql }) => sql === query.sql);
    return at < 0 ? null : query.read(rows[at] ?? []);
  };
  const sessions = of(activity);
  return {
    server: server.read(rows[0] ?? []),
    activity: sessions && activityOf(sessions, of(prepared)),
    replication: of(replication),
    busyMs: of(cost) ?? 0,
  };
}

/** Asks for each optional part alone, to learn which of them made a look fail. */
export async function findRefused(
  connection: PostgresConnection,
  signal: AbortSignal,
): Promise<Set<OptionalPart>> {
  const refused = new Set<OptionalPart>();
  const parts = { activity: [activity, prepared], replication: [replication] };
  for (const [name, queries] of Object.entries(parts)) {
    await send(connection, queries, signal).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      refused.add(name as OptionalPart);
    });
  }
  return refused;
}

/** One query besides, and how long the server was busy with it. */
export async function askAlone<T>(
  connection: PostgresConnection,
  query: Query<T>,
  signal: AbortSignal,
): Promise<{ value: T; busyMs: number }> {
  const [rows, busy] = await send(connection, [query, cost], signal);
  return { value: query.read(rows ?? []), busyMs: cost.read(busy ?? []) };
}

export function isRefusal(error: unknown): boolean {
  return error instanceof PortSyncError && REFUSALS.has(sqlState(error.cause));
}

async function send(
  connection: PostgresConnection,
  queries: ReadonlyArray<{ sql: string }>,
  signal: AbortSignal,
): Promise<Row[][]> {
  const message = [settings(LIMIT_MS), ...queries.map(({ sql }) => sql)].join(';');
  const [, ...rows] = await connection.ask(message, signal);
  return rows;
}
