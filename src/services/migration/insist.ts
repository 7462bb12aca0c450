import { never, pause, within } from '../../limit.ts';
import type { Book } from './book.ts';

const TRY_LIMIT_MS = 15_000;
const SOONEST_MS = 100;
const LATEST_MS = 10_000;

import { problemOf } from './problems.ts';
/**
 * Does what must be done in the end, however often it takes: the app waits for it. Shows what keeps
 * it from being done. Rejects only when `life`, the process's own signal, has aborted; the journal
 * then has it done by the next process.
 */
export async function insist(
  book: Book,
  life: AbortSignal,
  work: (signal: AbortSignal) => Promise<unknown>,
  tryLimitMs = TRY_LIMIT_MS,
): Promise<void> {
  for (let wait = SOONEST_MS; ; wait = Math.min(wait * 2, LATEST_MS)) {
    try {
      // Not under `life`: a process that is told to end still tries once.
      await within(tryLimitMs, never(), work);
      return;
    } catch (error) {
      book.show({ problem: problemOf(error) });
      if (life.aborted) throw error;
      await pause(wait, life).catch(() => {});
    }
  }
}
