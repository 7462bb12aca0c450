import { orAborted, pause } from '../../limit.ts';
import type { FollowProgress, Side } from '../../model/migration.ts';
import type { Following } from '../../ports/mover.ts';
import { canComeBack, cutOver } from './cutover.ts';
import type { Desk, Request } from './desk.ts';
import type { Parts } from './parts.ts';
import { notEqual, problemOf } from './problems.ts';
import { rehearse } from './rehearsal.ts';

const AGAIN_AFTER_MS = 10_000;
/** In step: a change is at the other side within this. Twice as much is falling behind. */
const IN_STEP_MS = 5_000;

/**
 * Keeps the side in step that does not serve, and does what is asked, until the app has moved to the
 * other side or a rehearsal is over. Rejects when `signal` aborts, or with what ended the following.
 */
export async function leg(
  parts: Parts,
  desk: Desk,
  signal: AbortSignal,
  life: AbortSignal,
): Promise<void> {
  const from = parts.book.position.serving;
  if (from === 'target' && !canComeBack(parts, 'target')) return restAt(parts, desk, signal);
  const own = new AbortController();
  const stop = () => own.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const report = (progress: FollowProgress) => show(parts, from, progress);
  try {
    const following = await orAborted(parts.mover.follow(from, report, own.signal), own.signal);
    following.ended.catch((error) => own.abort(error));
    try {
      await inStep(parts, following, from, own.signal);
      await attend(parts, desk, following, own.signal, life);
    } finally {
      await following.stop();
    }
  } finally {
    signal.removeEventListener('abort', stop);
    own.abort();
  }
}

/** As `leg`, again and again, where the app is safe whether or not changes flow. */
export async function legUntilTurned(
  parts: Parts,
  desk: Desk,
  signal: AbortSignal,
  life: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      return await leg(parts, desk, signal, life);
    } catch (error) {
      if (signal.aborted || parts.book.migration.state === 'cutting-over') throw error;
      const problem = problemOf(error);
      const wayBack = { open: false, why: problem.message, lagMs: null };
      parts.book.show({ problem, follow: null, wayBack });
      await pause(AGAIN_AFTER_MS, signal);
    }
  }
}

/** No changes can flow: all that is left to ask is the end, which aborts `signal`. */
async function restAt({ book }: Parts, desk: Desk, signal: AbortSignal): Promise<void> {
  const why = book.migration.preflight?.wayBack.why ?? null;
  book.show({ wayBack: { open: false, why, lagMs: null } });
  for (;;) await desk.serve(signal, async () => {});
}

async function inStep(parts: Parts, following: Following, from: Side, signal: AbortSignal) {
  const { book } = parts;
  if (book.migration.state === 'ready') await book.enter('fell-behind');
  await orAborted(following.caughtUp(signal), signal);
  if (book.migration.state === 'following') await book.enter('in-step');
  if (from === 'target') {
    book.show({
      problem: null,
      wayBack: { open: true, why: null, lagMs: book.migration.follow?.lagMs ?? null },
    });
  }
  await book.flush();
}

function show({ book }: Parts, from: Side, follow: FollowProgress): void {
  const { wayBack, state } = book.migration;
  const lag = from === 'target' ? { wayBack: { ...wayBack, lagMs: follow.lagMs } } : {};
  book.show({ follow, ...lag });
  const late = (follow.lagMs ?? 0) > 2 * IN_STEP_MS || follow.waiting !== null;
  if (state === 'ready' && late) void book.enter('fell-behind').catch(() => {});
  const near = follow.lagMs !== null && follow.lagMs < IN_STEP_MS && follow.waiting === null;
  if (state === 'following' && near) void book.enter('in-step').catch(() => {});
}

async function attend(
  parts: Parts,
  desk: Desk,
  following: Following,
  signal: AbortSignal,
  life: AbortSignal,
): Promise<void> {
  const { book, options } = parts;
  if (options.rehearsal) return rehearse(parts, following, signal);
  const atOnce = !options.holdCutover && book.migration.cutover === null;
  if (atOnce && (await cutOver(parts, following, signal, life))) return;
  for (let turned = false; !turned; ) {
    await desk.serve(signal, async (request: Request) => {
      if (request === 'verify') await verify(parts, signal);
      else turned = await cutOver(parts, following, signal, life);
    });
  }
}

async function verify({ book, mover }: Parts, signal: AbortSignal): Promise<void> {
  try {
    const proof = await orAborted(mover.prove(book.position.serving, signal), signal);
    book.show({ proof, problem: proof.equal ? null : problemOf(notEqual(proof)) });
  } catch (error) {
    if (signal.aborted) throw error;
    book.show({ problem: problemOf(error) });
  }
  await book.flush();
}
