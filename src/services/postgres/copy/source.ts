import pg from 'pg';
import { type Session, SOURCE_SETTINGS } from './session.ts';
import type { Snapshot } from './snapshot.ts';
import type { Sessions } from './workers.ts';

/** A session in a transaction that sees the snapshot, to its end. */
export async function openSource(
  sessions: Sessions,
  url: string,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<Session> {
  const session = await sessions.open(url, SOURCE_SETTINGS, signal);
  const name = pg.escapeLiteral(snapshot.name);
  await session.query(
    `begin isolation level repeatable read, read only; set transaction snapshot ${name}`,
    signal,
  );
  return session;
}

export async function majorOf(session: Session, signal: AbortSignal): Promise<number> {
  const sql = `select current_setting('server_version_num')::int / 10000 as major`;
  const [row] = await session.query<{ major: number }>(sql, signal);
  return row?.major ?? 0;
}
