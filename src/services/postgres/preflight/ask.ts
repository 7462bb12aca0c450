import { PortSyncError } from '../../../errors.ts';
import { type Finding, warning } from '../../../model/finding.ts';
import type { Side } from '../../../model/migration.ts';
import type { PostgresConnection, Row } from '../connection.ts';
import { settings } from '../queries/settings.ts';

/** One SELECT, in the words of the catalog, and what it makes known. */
export interface Query<T> {
  /** What it looks at, as a person would name it. */
  about: string;
  sql: string;
  read(rows: Row[]): T;
}

/** What a theme's query of `Q` made known; null where it could not be asked. */
export type Facts<Q> = { [K in keyof Q]: Q[K] extends Query<infer T> ? T | null : never };

const LIMIT_MS = 10_000;

/** Asks one after the other: one that fails hides no other, and tells so. */
export async function askAll<Q extends Record<string, Query<unknown>>>(
  connection: PostgresConnection,
  side: Side,
  queries: Q,
  signal: AbortSignal,
): Promise<{ facts: Facts<Q>; unknown: Finding[] }> {
  const facts: Partial<Record<keyof Q, unknown>> = {};
  const unknown: Finding[] = [];
  for (const [name, query] of Object.entries(queries) as Array<[keyof Q, Query<unknown>]>) {
    try {
      facts[name] = await ask(connection, query, signal);
    } catch (error) {
      if (!(error instanceof PortSyncError) || !connection.alive || signal.aborted) throw error;
      facts[name] = null;
      unknown.push(couldNotCheck(side, query.about, error));
    }
  }
  return { facts: facts as Facts<Q>, unknown };
}

/** Read-only, whatever the role may do, and without a trace in a session that a pooler lends. */
export async function ask<T>(
  connection: PostgresConnection,
  { sql, read }: Query<T>,
  signal: AbortSignal,
): Promise<T> {
  const [, rows = []] = await connection.ask(`${settings(LIMIT_MS)};${sql}`, signal);
  return read(rows);
}

export function couldNotCheck(side: Side, about: string, error: PortSyncError): Finding {
  return warning('could-not-check', side, {
    message: `The ${side} did not tell about ${about}.`,
    why: error.why ?? error.message,
    cure: error.code === 'database-privilege' ? error.next : null,
  });
}
