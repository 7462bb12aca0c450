import { never, within } from '../../limit.ts';
import type { Problem } from '../../model/problem.ts';
import type { Freeze } from '../../ports/mover.ts';
import { insist } from './insist.ts';
import type { Parts } from './parts.ts';
import { type Attempt, otherSide } from './position.ts';

const RELEASE_LIMIT_MS = 20_000;
const THAW_LIMIT_MS = 5_000;
const STOP_LIMIT_MS = 60_000;

/** How far a cut-over got that is to go back. */
export interface Undone {
  attempt: Attempt;
  freezing: Promise<Freeze> | null;
  held: boolean;
  /** The seal may be at the old side; the fence of the new one is lifted only after the switch. */
  sealing: boolean;
  /** Null after a rehearsal that found none. */
  problem: Problem | null;
}

/** Everything goes back: those who wait go on first, at the side they were at. */
export async function stay(parts: Parts, undone: Undone, life: AbortSignal): Promise<void> {
  const { app, book, env, mover } = parts;
  const { to, colours } = undone.attempt;
  const from = otherSide(to);
  if (undone.freezing) await thaw(undone.freezing);
  if (undone.sealing) {
    await insist(book, life, (signal) => mover.unfence(from, signal));
  }
  const released = undone.held ? release(parts) : Promise.resolve(null);
  await insist(book, life, async (signal) => {
    if ((await env?.names()) === to) await env?.write(from, 'the cut-over went back', signal);
  });
  const report = await released;
  if (app && colours) {
    await within(STOP_LIMIT_MS, never(), (signal) => app.fleet.stop(colours.idle, signal)).catch(
      () => {},
    );
  }
  await insist(book, life, () => book.note({ step: 'stayed' }));
  await show(parts, undone, report?.heldMs ?? null);
}

async function thaw(freezing: Promise<Freeze>): Promise<void> {
  const thawed = freezing.then((freeze) => freeze.thaw());
  // One that was never given is undone by whoever was asked for it: its signal has aborted.
  await within(THAW_LIMIT_MS, never(), () => thawed).catch(() => {});
}

function release({ app }: Parts) {
  // Where it does not answer, the edge's own deadline lets them go.
  return within(RELEASE_LIMIT_MS, never(), async (signal) => app?.edge.release(signal)).catch(
    () => null,
  );
}

async function show({ book }: Parts, { attempt, problem }: Undone, heldMs: number | null) {
  if (book.migration.state !== 'cutting-over') await book.enter('cutting-over');
  const { cutover } = book.migration;
  const happening = attempt.to === 'target' ? 'stayed-with-source' : 'stayed-with-target';
  await book.enter(happening, {
    problem,
    cutover: cutover && {
      ...cutover,
      waiting: 0,
      outcome: 'went-back',
      heldMs: heldMs === null ? null : Math.round(heldMs),
      problem,
    },
  });
}
