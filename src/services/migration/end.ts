import { pause, within } from '../../limit.ts';
import type { Problem } from '../../model/problem.ts';
import { insist } from './insist.ts';
import type { Parts } from './parts.ts';
import { otherSide } from './position.ts';
import { problemOf } from './problems.ts';

const TRIES = 3;
const TRY_LIMIT_MS = 60_000;
const BETWEEN_MS = 2_000;

/** Removes what the migration made. The old database keeps its fence where the app has left it. */
export async function endIt(parts: Parts, life: AbortSignal): Promise<void> {
  const { book } = parts;
  const { ending, touched, ended } = book.position;
  if (!ending) return;
  const problem = touched && !ended ? await cleanUp(parts, life) : null;
  await insist(book, life, () => book.note({ step: 'ended' }));
  const { state } = book.migration;
  if (state === 'finished' || state === 'aborted') return;
  const wayBack = { open: false, why: null, lagMs: null };
  const happening = ending.how === 'abort' ? 'aborted' : 'finished';
  await book.enter(happening, { problem, follow: null, wayBack });
}

/** Answers what could not be removed: a server may be gone for good. */
async function cleanUp({ book, mover }: Parts, life: AbortSignal): Promise<Problem | null> {
  const { ending, serving } = book.position;
  const keepFence = ending?.how === 'finish' ? otherSide(serving) : null;
  const options = { keepFence, dropCopy: ending?.dropCopy ?? false };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await within(TRY_LIMIT_MS, life, (signal) => mover.cleanup(options, signal));
      return null;
    } catch (error) {
      if (life.aborted) throw error;
      if (attempt === TRIES) return leftOver(problemOf(error));
      await pause(BETWEEN_MS, life);
    }
  }
}

function leftOver({ message, why }: Problem): Problem {
  return {
    code: 'left-over',
    message: 'Not everything that PortSync made in the databases could be removed.',
    why: [message, why].filter((each) => each !== null).join(' '),
    next: 'When both servers answer again: portsync migrate cleanup',
  };
}
