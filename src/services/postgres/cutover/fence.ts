import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresConnection } from '../connection.ts';
import { sqlState } from '../errors.ts';
import type { QualifiedName } from '../names.ts';
import { dropTriggerSql, functionSql, LOWERED_BODY } from './fence-sql.ts';
import { fenceOn } from './fence-state.ts';
import { type FreezeOptions, freezeWrites } from './freeze.ts';

const DROP_TRY_MS = 200;
const DROP_TRIES = 25;
const DROP_PAUSE_MS = 200;

/** Refuses writes by everybody but us, from one moment on for all tables. May be repeated. */
export async function raiseFence(
  url: string,
  options: FreezeOptions,
  signal: AbortSignal,
): Promise<void> {
  const frozen = await freezeWrites(url, options, signal);
  await frozen.seal(signal);
}

/** Lets everybody write again at once; the triggers stay, and do nothing. May be repeated. */
export async function lowerFence(
  connection: PostgresConnection,
  signal: AbortSignal,
): Promise<void> {
  const { refuses } = await fenceOn(connection, [], signal);
  if (refuses) await connection.ask(functionSql(LOWERED_BODY), signal);
}

/**
 * Drops the triggers of a lowered fence, one by one, since each makes readers wait for a moment, and
 * never for long: a table that is in use is left for the next round. May be repeated.
 * @returns the tables whose trigger could not be dropped, as each was locked
 */
export async function dropFence(
  connection: PostgresConnection,
  signal: AbortSignal,
): Promise<QualifiedName[]> {
  let { fenced } = await fenceOn(connection, [], signal);
  for (let round = 0; fenced.length > 0 && round < DROP_TRIES; round += 1) {
    if (round > 0) await sleep(DROP_PAUSE_MS, undefined, { signal });
    const locked: QualifiedName[] = [];
    for (const table of fenced) {
      if (!(await dropped(connection, table, signal))) locked.push(table);
    }
    fenced = locked;
  }
  return fenced;
}

async function dropped(
  connection: PostgresConnection,
  table: QualifiedName,
  signal: AbortSignal,
): Promise<boolean> {
  const limit = `set local lock_timeout = ${DROP_TRY_MS}`;
  try {
    await connection.ask(`begin; ${limit}; ${dropTriggerSql(table)}; commit`, signal);
    return true;
  } catch (error) {
    await connection.ask('rollback', signal);
    const state = error instanceof Error ? sqlState(error.cause) : '';
    // Gone, with its schema or alone, since the list was read.
    if (state === '42P01' || state === '3F000') return true;
    if (state === '55P03' || state === '40P01') return false;
    throw error;
  }
}
