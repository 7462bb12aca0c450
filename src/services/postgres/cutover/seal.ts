import { setTimeout as sleep } from 'node:timers/promises';
import { ExternalError } from '../../../errors.ts';
import { describeTarget } from '../../database/url.ts';
import { connectPostgres, type PostgresConnection } from '../connection.ts';
import { fenceOn } from './fence-state.ts';
import type { UserTable } from './tables.ts';

const FIND_OUT_MS = 10_000;

/** The session that holds the locks, and what tells it from others later. */
export interface SealingSession {
  url: string;
  connection: PostgresConnection;
  pid: number;
  startedAt: string;
}

/**
 * Commits `statements` and ends the session. When the connection dies under the commit, finds out
 * whether it took place: both databases taking writes, or none, would follow from a wrong guess.
 */
export async function commitSealed(
  session: SealingSession,
  statements: string[],
  tables: UserTable[],
  signal: AbortSignal,
): Promise<void> {
  const { connection } = session;
  try {
    await connection.ask([...statements, 'commit'].join(';\n'), signal);
  } catch (error) {
    // An answer from the server means that it rolled back.
    if (connection.alive || !(await committedAnyway(session, tables))) throw error;
  } finally {
    await connection.close().catch(() => {});
  }
}

async function committedAnyway(
  { url, pid, startedAt }: SealingSession,
  tables: UserTable[],
): Promise<boolean> {
  const signal = AbortSignal.timeout(FIND_OUT_MS);
  try {
    const other = await connectPostgres(url, 'portsync freeze', signal);
    try {
      await untilEnded(other, pid, startedAt, signal);
      const { refuses, unfenced } = await fenceOn(other, tables, signal);
      return refuses && unfenced.length === 0;
    } finally {
      await other.close();
    }
  } catch (error) {
    throw unknownOutcome(url, error);
  }
}

/** The old session may still be at it: what it leaves is certain only when it is gone. */
async function untilEnded(
  connection: PostgresConnection,
  pid: number,
  startedAt: string,
  signal: AbortSignal,
): Promise<void> {
  const find = `select pg_terminate_backend(pid) from pg_stat_activity
where pid = ${pid} and backend_start = '${startedAt}'::timestamptz`;
  for (;;) {
    const [rows = []] = await connection.ask(find, signal);
    if (rows.length === 0) return;
    await sleep(20, undefined, { signal });
  }
}

function unknownOutcome(url: string, cause: unknown): ExternalError {
  const { where } = describeTarget(url);
  return new ExternalError({
    code: 'freeze-unknown',
    message: `Whether ${where} refuses writes now is not known.`,
    why: 'The connection was lost while it was being told to, and no new one could be made.',
    next: 'Bring the server back, then run portsync migrate status: it looks and goes on from there.',
    cause,
  });
}
