import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledError, PortSyncError } from '../../../errors.ts';
import { describeTarget } from '../../database/url.ts';
import { connectPostgres, type PostgresConnection } from '../connection.ts';
import { dialPostgres, untilAborted } from '../dial.ts';
import { postgresError, sqlState } from '../errors.ts';

export const APPLICATION = 'portsync preflight';

/** The server processes behind `connection` and behind one more; equal where a pooler shares them. */
export async function pidsOfTwo(
  url: string,
  connection: PostgresConnection,
  signal: AbortSignal,
): Promise<[number, number]> {
  const second = await connectPostgres(url, APPLICATION, signal);
  try {
    return [await pidOf(connection, signal), await pidOf(second, signal)];
  } finally {
    await second.close();
  }
}

async function pidOf(connection: PostgresConnection, signal: AbortSignal): Promise<number> {
  const [rows] = await connection.ask('select pg_catalog.pg_backend_pid() as pid', signal);
  return Number(rows?.[0]?.pid);
}

/**
 * Opens a replication connection and says what stood in its way; null when nothing did. It begins
 * no stream. See "Streaming Replication Protocol" in PostgreSQL's manual.
 */
export async function tryStreaming(
  url: string,
  signal: AbortSignal,
): Promise<PortSyncError | null> {
  try {
    const options = { applicationName: APPLICATION, replication: true };
    const { client, socket } = await dialPostgres(url, options, signal);
    try {
      await untilAborted(client.query('IDENTIFY_SYSTEM'), socket, signal);
    } finally {
      socket.destroy();
    }
    return null;
  } catch (cause) {
    const error = postgresError(cause, describeTarget(url).where);
    if (error.code === 'cancelled') throw error;
    return error;
  }
}

/** For one transaction that does nothing else. */
export async function mayPassTriggers(
  connection: PostgresConnection,
  signal: AbortSignal,
): Promise<boolean> {
  const sql = "select pg_catalog.set_config('session_replication_role', 'replica', true)";
  try {
    await connection.ask(sql, signal);
    return true;
  } catch (error) {
    if (error instanceof PortSyncError && sqlState(error.cause) === '42501') return false;
    throw error;
  }
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, null, { signal }).catch((cause) => {
    throw new CancelledError(cause);
  });
}
