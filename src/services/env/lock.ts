import { createHash } from 'node:crypto';
import { CancelledError, ExternalError } from '../../errors.ts';
import type { Disk } from './disk.ts';

/** Who holds a lock, in words that a later process can check. */
export interface Holder {
  /** Unique for every time a lock is taken. */
  newToken(): string;
  /** From now on a lock with this token counts as a dead holder's, should it be left behind. */
  forget(token: string): void;
  /** Null when that cannot be told from here: another machine, another container. */
  isAlive(token: string): boolean | null;
  /** For people: `process 123 on main`. */
  describe(token: string): string;
}

/** A holder that cannot be checked is taken for dead after this; work under a lock takes well under a second. */
const UNKNOWN_HOLDER_MS = 60_000;
const WAIT_MS = 30_000;

/**
 * Runs `work` while this process alone holds the lock at `path`, a symlink whose text names the
 * holder. The lock of a holder that died is taken over at once, by exactly one of those that wait.
 * @throws ExternalError `env-locked` when a living process keeps it for half a minute.
 */
export async function withLock<T>(
  disk: Disk,
  path: string,
  holder: Holder,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const token = holder.newToken();
  try {
    await acquire(disk, path, holder, token, signal);
    const result = await work();
    await release(disk, path, token);
    return result;
  } catch (error) {
    await release(disk, path, token).catch(() => {});
    throw error;
  } finally {
    holder.forget(token);
  }
}

async function release(disk: Disk, path: string, token: string): Promise<void> {
  if ((await disk.readLink(path))?.text === token) await disk.remove(path);
}

async function acquire(
  disk: Disk,
  path: string,
  holder: Holder,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const start = Date.now();
  for (;;) {
    // A limit set by the caller ends the wait as ours does; a person's Ctrl-C is no failure.
    const late = Date.now() - start > WAIT_MS || signal.reason?.name === 'TimeoutError';
    if (signal.aborted && !late) throw new CancelledError(signal.reason);
    if (late) throw locked(path, holder, await disk.readLink(path), Date.now() - start);
    if (await disk.makeLink(token, path)) return;
    if (await evict(disk, path, holder, token)) continue;
    await new Promise((resolve) => setTimeout(resolve, 3 + Math.random() * 12));
  }
}

/**
 * Removes the lock of a dead holder; true when it is worth trying again at once. Between reading the
 * lock and removing it, another process could already have done so and a third one hold it: so only
 * who holds a second lock, named after the dead holder, may remove it.
 */
async function evict(disk: Disk, path: string, holder: Holder, token: string): Promise<boolean> {
  const held = await disk.readLink(path);
  if (!held) return true;
  if (holder.isAlive(held.text) ?? Date.now() - held.madeAt < UNKNOWN_HOLDER_MS) return false;
  const claim = `${path}.${createHash('sha256').update(held.text).digest('hex').slice(0, 12)}`;
  if (!(await disk.makeLink(token, claim))) return evict(disk, claim, holder, token);
  try {
    if ((await disk.readLink(path))?.text === held.text) await disk.remove(path);
  } finally {
    await disk.remove(claim);
  }
  return true;
}

function locked(
  path: string,
  holder: Holder,
  held: { text: string } | null,
  waitedMs: number,
): ExternalError {
  const who = held ? holder.describe(held.text) : 'another process';
  return new ExternalError({
    code: 'env-locked',
    message: 'The .env is being changed by someone else. Nothing was changed.',
    why: `${who} has held ${path} for ${Math.round(waitedMs / 1000)} s or longer.`,
    next: 'Let it finish or end it, then run the command again.',
  });
}
