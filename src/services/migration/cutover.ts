import { deadlineIn, orAborted, together, within } from '../../limit.ts';
import type { Side } from '../../model/migration.ts';
import type { Following, Freeze } from '../../ports/mover.ts';
import { coloursOf, startIdle } from './app.ts';
import { goForward, switchApp } from './forward.ts';
import { insist } from './insist.ts';
import type { Parts } from './parts.ts';
import { type Attempt, otherSide } from './position.ts';
import { notEqual, wentBack } from './problems.ts';
import { stay } from './stay.ts';
import { Steps } from './steps.ts';
import { watchWaiting } from './waiting.ts';

/** Left before the edge's own deadline, for the way back: a tenth of it within these bounds. */
const LEAST_MARGIN_MS = 100;
const MOST_MARGIN_MS = 500;

/** For a fleet that does not say in time that it was not in time. */
const START_MARGIN_MS = 30_000;

/** Requests wait for it: a try that hangs is given up while the edge still holds them. */
const UNFENCE_TRY_MS = 250;

/** One cut-over that is under way in this process. */
interface Run {
  parts: Parts;
  following: Following;
  steps: Steps;
  attempt: Attempt;
  from: Side;
  /** Set as soon as it is asked for: it may come late, and must not be left. */
  freezing: Promise<Freeze> | null;
  held: boolean;
  sealing: boolean;
}

/**
 * Moves the app to the side that does not serve, or changes nothing. Answers whether it moved; what
 * kept it is in the picture. `signal` ends it until the switch is decided, `life` is the process's.
 */
export async function cutOver(
  parts: Parts,
  following: Following,
  signal: AbortSignal,
  life: AbortSignal,
): Promise<boolean> {
  const { book, options } = parts;
  const from = book.position.serving;
  const to = otherSide(from);
  const steps = new Steps(book, to === 'target' ? 'forward' : 'back', options.deadlineMs);
  await book.enter('cutting-over', { cutover: steps.cutover });
  const run: Run = {
    ...{ parts, following, steps, from },
    ...{ freezing: null, held: false, sealing: false },
    attempt: { to, colours: null, decided: false },
  };
  try {
    return await parts.alone(signal, async () => {
      await attemptIt(run, signal, life);
      return true;
    });
  } catch (error) {
    if (book.position.attempt?.decided) throw error;
    const problem = wentBack(error, steps, options.deadlineMs);
    await stay(parts, { ...run, problem }, life);
    return false;
  }
}

async function attemptIt(run: Run, signal: AbortSignal, life: AbortSignal): Promise<void> {
  const { parts, steps, attempt } = run;
  const { app, book } = parts;
  attempt.colours = app && (await orAborted(coloursOf(app, signal), signal));
  await book.note({ step: 'try', to: attempt.to, colours: attempt.colours });
  await prepare(run, signal);
  await decide(run, signal, life);
  await goForward(parts, steps, attempt, life);
}

/** All that takes time and needs nobody to wait. */
async function prepare(run: Run, signal: AbortSignal): Promise<void> {
  const { parts, following, steps, attempt, from } = run;
  const { app, env, mover, options } = parts;
  const { colours, to } = attempt;
  if (app && colours && env) {
    const variables = await env.environment(to);
    const limitMs = app.limits.healthyMs + START_MARGIN_MS;
    await steps.do('start-colour', () =>
      within(limitMs, signal, (limit) => startIdle(app, colours, variables, limit)),
    );
  }
  await orAborted(following.caughtUp(signal), signal);
  const prepared = await orAborted(following.prepareProof(signal), signal);
  if (!prepared.equal) throw notEqual(prepared);
  if (options.proof !== 'full') return;
  const proof = await orAborted(mover.prove(from, signal), signal);
  parts.book.show({ proof });
  if (!proof.equal) throw notEqual(proof);
}

/** Requests wait from here on. Resolves once new ones go to the other side's replicas. */
async function decide(run: Run, signal: AbortSignal, life: AbortSignal): Promise<void> {
  const { parts, steps, attempt } = run;
  const { book, mover, options } = parts;
  const limit = deadlineIn(options.deadlineMs - margin(options.deadlineMs), signal);
  try {
    const freeze = await stopWrites(run, limit.signal);
    await bringOver(run, freeze, limit.signal);
    await steps.do('switch', async () => {
      run.sealing = true;
      await orAborted(freeze.seal(limit.signal), limit.signal);
      limit.signal.throwIfAborted();
      // Not raced against the limit: whatever it is, it is known when this ends.
      await book.note({ step: 'switch' });
      await switchApp(parts, attempt, options.deadlineMs - steps.sinceZero, life);
      // Last: while it could still go back, nobody may have written there.
      const unfence = (signal: AbortSignal) => mover.unfence(attempt.to, signal);
      await insist(book, life, unfence, UNFENCE_TRY_MS);
    });
  } finally {
    limit.end();
  }
}

async function stopWrites(run: Run, signal: AbortSignal): Promise<Freeze> {
  const { parts, steps, attempt, from } = run;
  const { app, mover, options } = parts;
  const { colours } = attempt;
  if (app && colours) {
    run.held = true;
    await steps.do('hold', async () => {
      await orAborted(app.edge.hold(options.deadlineMs, signal), signal);
      steps.hold();
      watchWaiting(app.edge, steps, signal);
      // Before the freeze: a request that writes would wait for the lock, and never be done.
      await orAborted(app.edge.drained(colours.serving, signal), signal);
    });
  } else {
    steps.hold();
  }
  return steps.do('freeze', () => {
    run.freezing = mover.freeze(from, signal);
    run.freezing.catch(() => {});
    return orAborted(run.freezing, signal);
  });
}

async function bringOver(run: Run, freeze: Freeze, signal: AbortSignal): Promise<void> {
  const { parts, following, steps, attempt } = run;
  const { book, env, mover } = parts;
  const { to } = attempt;
  await together(signal, [
    (limit) => steps.do('drain', () => following.caughtUp(limit)),
    (limit) => steps.do('sequences', () => freeze.carryCounters(limit)),
    async (limit) => env && steps.do('env', () => env.write(to, reasonFor(to), limit)),
  ]);
  await together(signal, [
    (limit) =>
      steps.do('proof', async () => {
        const proof = await following.quickProof(limit);
        book.show({ proof });
        if (!proof.equal) throw notEqual(proof);
      }),
    async (limit) => canComeBack(parts, to) && mover.keepChanges(to, limit),
  ]);
}

/** Whether changes can flow from `to` to the other side after the switch. */
export function canComeBack({ book }: Pick<Parts, 'book'>, to: Side): boolean {
  return to === 'source' || (book.migration.preflight?.wayBack.possible ?? false);
}

function reasonFor(to: Side): string {
  return to === 'target' ? 'moved the database' : 'went back to the old database';
}

function margin(deadlineMs: number): number {
  return Math.min(MOST_MARGIN_MS, Math.max(LEAST_MARGIN_MS, deadlineMs / 10));
}
