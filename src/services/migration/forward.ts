import { within } from '../../limit.ts';
import type { Migration } from '../../model/migration.ts';
import type { HoldReport } from '../../ports/edge.ts';
import { startIdle } from './app.ts';
import { insist } from './insist.ts';
import type { Parts } from './parts.ts';
import { type Attempt, otherSide } from './position.ts';
import { problemOf } from './problems.ts';
import type { Steps } from './steps.ts';

const LOOK_LIMIT_MS = 2_000;
const RELEASE_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 30_000;
const HEALTH_LIMIT_MS = 5_000;

/**
 * Sends requests to the idle colour. Rejects where they certainly still go to the old one: half of
 * `leftMs`, which is how long they are held, is kept for the way back.
 */
export async function switchApp(
  { app, book }: Parts,
  { colours }: Attempt,
  leftMs: number,
  life: AbortSignal,
): Promise<void> {
  if (!app || !colours) return;
  const { edge } = app;
  try {
    await within(leftMs / 2, life, (signal) => edge.switchTo(colours.idle, signal));
    return;
  } catch (error) {
    const look = within(LOOK_LIMIT_MS, life, (signal) => edge.traffic(signal));
    const serving = await look.then((traffic) => traffic.serving).catch(() => null);
    if (serving === colours.serving) {
      await book.note({ step: 'stay' });
      throw error;
    }
  }
  await insist(book, life, (signal) => edge.switchTo(colours.idle, signal));
}

/** The rest of a cut-over that is decided; requests wait until it is through. */
export async function goForward(
  parts: Parts,
  steps: Steps,
  { to, colours }: Attempt,
  life: AbortSignal,
): Promise<void> {
  const { app, book } = parts;
  const heldMs = Math.round(steps.sinceZero);
  // Where it cannot be told, the edge's own deadline lets them go.
  const report = await steps.do('release', () => release(parts, life)).catch(() => null);
  await insist(book, life, () => book.note({ step: 'switched' }));
  steps.show({ waiting: 0, outcome: 'switched', ...figuresOf(report, heldMs, app !== null) });
  await book.enter(to === 'target' ? 'switched' : 'returned', { ...settled(parts, to) });
  if (!app || !colours) return;
  await within(STOP_LIMIT_MS, life, (signal) => app.fleet.stop(colours.serving, signal)).catch(
    (error) => book.show({ problem: problemOf(error) }),
  );
}

/** A decided cut-over whose process ended: everything again, each of it harmless where it is done. */
export async function takeForward(parts: Parts, attempt: Attempt, life: AbortSignal) {
  const { app, book, env, mover } = parts;
  const { to, colours } = attempt;
  const from = otherSide(to);
  await insist(book, life, (signal) => mover.fence(from, signal));
  await insist(book, life, (signal) => mover.unfence(to, signal));
  await insist(book, life, async (signal) => {
    if ((await env?.names()) === from) await env?.write(to, 'moved the database', signal);
  });
  if (app && colours) {
    await insist(book, life, (signal) => ensureServing(parts, attempt, signal));
    await release(parts, life).catch(() => null);
  }
  await insist(book, life, () => book.note({ step: 'switched' }));
  if (book.migration.state !== 'cutting-over') await book.enter('cutting-over');
  const { cutover } = book.migration;
  await book.enter(to === 'target' ? 'switched' : 'returned', {
    ...settled(parts, to),
    cutover: cutover && { ...cutover, waiting: 0, outcome: 'switched' },
  });
}

async function ensureServing(
  { app, env }: Parts,
  { to, colours }: Attempt,
  signal: AbortSignal,
): Promise<void> {
  if (!app || !colours) return;
  const { serving } = await app.edge.traffic(signal);
  if (serving === colours.idle) return;
  const healthy = await within(HEALTH_LIMIT_MS, signal, (limit) =>
    app.fleet.healthy(colours.idle, limit),
  ).then(
    () => true,
    () => false,
  );
  if (!healthy && env) await startIdle(app, colours, await env.environment(to), signal);
  await app.edge.switchTo(colours.idle, signal);
}

function release({ app }: Parts, life: AbortSignal): Promise<HoldReport | null> {
  if (!app) return Promise.resolve(null);
  return within(RELEASE_LIMIT_MS, life, (signal) => app.edge.release(signal));
}

function settled({ book }: Parts, to: 'source' | 'target'): Partial<Migration> {
  const { preflight } = book.migration;
  const why = to === 'target' ? (preflight?.wayBack.why ?? null) : null;
  return { follow: null, wayBack: { open: false, why, lagMs: null } };
}

function figuresOf(report: HoldReport | null, heldMs: number, app: boolean) {
  if (!app) return { heldMs, heldRequests: null, failedRequests: null };
  const { heldRequests = null, failedRequests = null } = report ?? {};
  return {
    heldMs: report ? Math.round(report.heldMs) : heldMs,
    heldRequests,
    failedRequests,
  };
}
