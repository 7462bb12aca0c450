import type { PostgresConnection } from '../connection.ts';
import { runBriefly } from './brief-lock.ts';
import { dropTriggerSql, functionSql, LOWERED_BODY } from './fence-sql.ts';
import { fenceOn } from './fence-state.ts';
import { type FreezeOptions, freezeWrites } from './freeze.ts';

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
  if (!refuses) return;
  const onDisk = 'set synchronous_commit = on';
  await connection.ask(`${onDisk}; ${functionSql(LOWERED_BODY)}`, signal);
}

/**
 * Drops the triggers of a lowered fence, one by one: each makes readers wait for a moment. May be
 * repeated; what it leaves, `cleanUp` finds.
 */
export async function dropFence(
  connection: PostgresConnection,
  signal: AbortSignal,
): Promise<void> {
  const { fenced } = await fenceOn(connection, [], signal);
  for (const table of fenced) await runBriefly(connection, dropTriggerSql(table), signal);
}
