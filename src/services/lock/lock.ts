import { createHash } from 'node:crypto';
import { CancelledError } from '../../errors.ts';
import type { Disk } from '../disk/disk.ts';

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

/**
 * A holder that cannot be checked is taken for dead after this; work under a lock takes well under a
 * second, or touches it now and then.
 */
const UNKNOWN_HOLDER_MS = 60_000;

/** How long to wait for a living holder, and what to say then. */
export interface Patience {
  waitMs: number;
  /** `who` names the holder: `Process 123 on main`. */
  refusal(who: string, path: string, waitedMs: number): Error;
}

/**
 * Runs `work` while this process alone holds the lock at `path`, a symlink whose text names the
 * holder. The lock of a holder that died is taken over at once, by exactly one of those that wait.
 * @throws what `patience` says when a living process keeps it for longer than that.
 */
export async function withLock<T>(
  disk: Disk,
  path: string,
  holder: Holder,
  signal: AbortSignal,
  work: (token: string) => Promise<T>,
  patience: Patience,
): Promise<T> {
  const token = holder.newToken();
  try {
    await acquire(disk, path, holder, token, signal, patience);
    const result = await work(token);
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
  { waitMs, refusal }: Patience,
): Promise<void> {
  const start = Date.now();
  for (;;) {
    // A limit set by the caller ends the wait as ours does; a person's Ctrl-C is no failure.
    const late = Date.now() - start > waitMs || signal.reason?.name === 'TimeoutError';
    if (signal.aborted && !late) throw new CancelledError(signal.reason);
    if (await disk.makeLink(token, path)) return;
    // A dead holder's is not waited for: however short the patience, there is another try.
    if (await evict(disk, path, holder, token)) continue;
    if (late) throw refusal(await whoHolds(disk, path, holder), path, Date.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 3 + Math.random() * 12));
  }
}

/** Whether the one that a lock names lives, as far as can be told from here. */
export function isHeld(holder: Holder, held: { text: string; madeAt: number }): boolean {
  return holder.isAlive(held.text) ?? Date.now() - held.madeAt < UNKNOWN_HOLDER_MS;
}

/**
 * Removes the lock of a dead holder; true when it is worth trying again at once. Between reading the
 * lock and removing it, another process could already have done so and a third one hold it: so only
 * who holds a second lock, named after the dead holder, may remove it.
 */
async function evict(disk: Disk, path: string, holder: Holder, token: string): Promise<boolean> {
  const held = await disk.readLink(path);
  if (!held) return true;
  if (isHeld(holder, held)) return false;
  const claim = `${path}.${createHash('sha256').update(held.text).digest('hex').slice(0, 12)}`;
  if (!(await disk.makeLink(token, claim))) return evict(disk, claim, holder, token);
  try {
    if ((await disk.readLink(path))?.text === held.text) await disk.remove(path);
  } finally {
    await disk.remove(claim);
  }
  return true;
}

async function whoHolds(disk: Disk, path: string, holder: Holder): Promise<string> {
  const held = await disk.readLink(path);
  return held ? holder.describe(held.text) : 'Another process';
}
