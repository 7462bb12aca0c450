import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresConnection } from '../connection.ts';
import { sqlState } from '../errors.ts';

const TRY_MS = 200;
const TRIES = 25;
const PAUSE_MS = 200;

/**
 * Runs a statement that wants ACCESS EXCLUSIVE in a transaction of its own. Everybody queues behind who
 * waits for such a lock, so it is waited for briefly, again and again; what is gone meanwhile is done.
 * @throws PortSyncError of the last try
 */
export async function runBriefly(
  connection: PostgresConnection,
  sql: string,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await connection.ask(`begin; set local lock_timeout = ${TRY_MS}; ${sql}; commit`, signal);
      return;
    } catch (error) {
      if (!connection.alive) throw error;
      await connection.ask('rollback', signal);
      const state = error instanceof Error ? sqlState(error.cause) : '';
      if (state === '42P01' || state === '3F000' || state === '42704') return;
      if ((state !== '55P03' && state !== '40P01') || attempt === TRIES) throw error;
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }
}
