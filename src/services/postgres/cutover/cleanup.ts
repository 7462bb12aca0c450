import { ExternalError, type PortSyncError, toProblem } from '../../../errors.ts';
import { timeLimit } from '../../../limit.ts';
import { describeTarget } from '../../database/url.ts';
import { connectPostgres, type PostgresConnection, withConnection } from '../connection.ts';
import { dropSlot } from '../follow/feed.ts';
import { wakeTriggers } from '../follow/triggers.ts';
import { runBriefly } from './brief-lock.ts';
import { lowerFence } from './fence.ts';
import { findLeftovers, type Leftover } from './leftovers.ts';

const SLOT_LIMIT_MS = 20_000;

interface Failure {
  leftover: Leftover;
  error: unknown;
}

/** What `cleanUp` would remove, in words. */
export async function leftoversIn(url: string, signal: AbortSignal): Promise<string[]> {
  const connection = await connectPostgres(url, 'portsync cleanup', signal);
  try {
    const found = await findLeftovers(connection, { keepFence: false }, signal);
    return found.map(({ words }) => words);
  } finally {
    await connection.close();
  }
}

/**
 * Removes what PortSync made in a database, each by itself, so that one that cannot be removed keeps
 * no other. May be repeated, and goes on where it was.
 * @throws PortSyncError with the statements for what is left
 */
export async function cleanUp(
  url: string,
  options: { keepFence: boolean },
  signal: AbortSignal,
): Promise<void> {
  const connection = await connectPostgres(url, 'portsync cleanup', signal);
  try {
    await wakeTriggers(connection, signal);
    if (!options.keepFence) await lowerIfAllowed(connection, signal);
    const leftovers = await findLeftovers(connection, options, signal);
    const failures = await removeAll(url, connection, leftovers, signal);
    if (failures.length > 0) throw incomplete(describeTarget(url).where, failures);
  } finally {
    await connection.close();
  }
}

/** So that writers need not wait for the last trigger; whose function it is not drops those. */
async function lowerIfAllowed(connection: PostgresConnection, signal: AbortSignal): Promise<void> {
  try {
    await lowerFence(connection, signal);
  } catch (error) {
    if (!connection.alive) throw error;
  }
}

async function removeAll(
  url: string,
  connection: PostgresConnection,
  leftovers: Leftover[],
  signal: AbortSignal,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const leftover of leftovers) {
    // Its comment is what tells a later run how the rest is undone.
    const { notedIn } = leftover;
    const before = notedIn && failures.find((one) => one.leftover.notedIn === notedIn);
    try {
      if (before) throw before.error;
      if (leftover.slot === undefined) await runBriefly(connection, leftover.sql, signal);
      else await removeSlot(url, leftover.slot, signal);
    } catch (error) {
      if (signal.aborted || !connection.alive) throw error;
      failures.push({ leftover, error });
    }
  }
  return failures;
}

/** Over a connection of its own, which is cut when the limit is reached. */
async function removeSlot(url: string, name: string, signal: AbortSignal): Promise<void> {
  const limit = timeLimit(SLOT_LIMIT_MS, signal);
  await withConnection(url, limit, (connection) => dropSlot(connection, name, limit));
}

function incomplete(where: string, failures: Failure[]): PortSyncError {
  const reasons = new Set(failures.map(({ error }) => toProblem(error).why ?? ''));
  return new ExternalError({
    code: 'cleanup-incomplete',
    message: `Left behind at ${where}: ${failures.map(({ leftover }) => leftover.words).join(', ')}.`,
    why: [...reasons].join(' '),
    next: `Run portsync migrate cleanup again, or as the owner: ${failures.map(({ leftover }) => `${leftover.sql};`).join(' ')}`,
    cause: failures[0]?.error,
  });
}
