import type { Desk } from './desk.ts';
import { endIt } from './end.ts';
import { takeForward } from './forward.ts';
import { leg, legUntilTurned } from './leg.ts';
import type { Parts } from './parts.ts';
import type { Ending } from './position.ts';
import { prepare } from './prepare.ts';
import { DIED_IN_CUTOVER, problemOf } from './problems.ts';
import { refusalOf } from './requests.ts';
import { stay } from './stay.ts';
import { TRANSITIONS } from './transitions.ts';

/**
 * Takes a migration from wherever its journal stands to its end. `life` is the process's own signal:
 * when it aborts, this rejects, and the next run goes on. Rejects as well when it has failed.
 */
export async function runMigration(parts: Parts, desk: Desk, life: AbortSignal): Promise<void> {
  const { book } = parts;
  await settleAttempt(parts, life);
  const { state, problem } = book.migration;
  if (state === 'ready') await book.enter('fell-behind', { problem });
  while (!book.position.ending) {
    try {
      await work(parts, desk, life);
    } catch (error) {
      if (life.aborted) throw error;
      const ending = desk.takeEnding();
      if (!ending) return fail(parts, error);
      await takeEnd(parts, ending);
    }
  }
  await endIt(parts, life);
}

async function work(parts: Parts, desk: Desk, life: AbortSignal): Promise<void> {
  const { book, options } = parts;
  const own = new AbortController();
  const stop = () => own.abort(life.reason);
  const end = () => own.abort();
  life.addEventListener('abort', stop, { once: true });
  desk.stop.addEventListener('abort', end, { once: true });
  if (life.aborted) stop();
  if (desk.stop.aborted) end();
  try {
    own.signal.throwIfAborted();
    if (book.position.serving === 'source' && book.migration.state !== 'returned') {
      await prepare(parts, own.signal);
    }
    for (;;) {
      const first = book.position.serving === 'source' && book.migration.state !== 'returned';
      await (first ? leg : legUntilTurned)(parts, desk, own.signal, life);
      if (options.rehearsal) {
        return await book.note({ step: 'end', how: 'rehearsed', dropCopy: true });
      }
    }
  } finally {
    life.removeEventListener('abort', stop);
  }
}

/** An end that was asked for during a cut-over has ended that, or has come too late. */
async function takeEnd({ book }: Parts, ending: Ending): Promise<void> {
  const refusal = refusalOf(book.migration, ending.how === 'finish' ? 'finish' : 'abort', false);
  if (!refusal) return book.note({ step: 'end', ...ending });
  if (book.migration.cutover?.outcome === 'switched') book.show({ problem: problemOf(refusal) });
}

/** What a cut-over left behind whose process ended. */
async function settleAttempt(parts: Parts, life: AbortSignal): Promise<void> {
  const { attempt } = parts.book.position;
  if (!attempt) return;
  if (attempt.decided) return takeForward(parts, attempt, life);
  const held = parts.app !== null;
  const undone = { attempt, freezing: null, held, sealing: true, problem: DIED_IN_CUTOVER };
  await stay(parts, undone, life);
}

/** Where the app has moved, it is no failure of the migration but of this process: the next goes on. */
async function fail({ book }: Parts, error: unknown): Promise<never> {
  const problem = problemOf(error);
  if (TRANSITIONS[book.migration.state].failed) {
    await book.enter('failed', { problem, follow: null });
  } else {
    book.show({ problem });
  }
  throw error;
}
