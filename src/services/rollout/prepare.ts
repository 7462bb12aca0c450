import { CancelledError, toProblem } from '../../errors.ts';
import { timeLimit } from '../../limit.ts';
import { type Colour, otherColour } from '../../model/container.ts';
import type { Edge } from '../../ports/edge.ts';
import type { ColourSpec, Fleet } from '../../ports/fleet.ts';
import type { Step } from '../journal/journal.ts';
import { notUndone } from './problems.ts';
import { running, watchColour } from './watch.ts';

/** Time for one call that waits for no person and no app: to switch, to stop. */
const CALL_LIMIT_MS = 60_000;
const DRAIN_LIMIT_MS = 60_000;

export interface Limits {
  /** How long the new replicas may take to get healthy. */
  healthyMs: number;
  /** How long they are watched after the switch, while the old ones still run. */
  watchMs: number;
  /** The same where they are of another image. */
  newImageWatchMs: number;
}

export interface RolloutDeps {
  edge: Edge;
  fleet: Fleet;
  limits: Limits;
  /** Keeps book of each operation. */
  step: Step;
  /** Told as the watching goes on. */
  watching?: (leftMs: number) => void;
}

/** The idle colour runs and is healthy; nothing goes to it yet. */
export interface Prepared {
  from: Colour | null;
  to: Colour;
  /** In one step; `from` goes on running. */
  switch(signal: AbortSignal): Promise<void>;
  /**
   * Resolves when `to` was well for as long as it is watched; rejects when a replica of it failed.
   * Does not go back by itself.
   */
  watch(signal: AbortSignal): Promise<void>;
  /** Lets `from` end what runs there, stops it and keeps it. Then there is no `undo` any more. */
  finish(signal: AbortSignal): Promise<void>;
  /** `from` serves again, and `to` is stopped. Takes no signal: half undone is worse than late. */
  undo(): Promise<void>;
}

/**
 * Starts the colour that does not serve, and waits until it could. `spec` null starts what was kept
 * of it. When that fails, or `signal` aborts, the colour is stopped and everything is as before.
 * @throws ExternalError with the failed replica's last log lines in `why`.
 */
export async function prepareRollout(
  deps: RolloutDeps,
  spec: ColourSpec | null,
  signal: AbortSignal,
): Promise<Prepared> {
  const { serving: from } = await deps.edge.traffic(signal);
  const to = otherColour(from);
  try {
    await bringUp(deps, to, spec, signal);
  } catch (error) {
    throw await undone(error, () => stop(deps, to), signal);
  }
  return {
    from,
    to,
    switch: (signal) =>
      deps.step('switch', async () => {
        await deps.edge.switchTo(to, signal);
        // The new replicas may all die before they are known to be well.
        if (from !== null) await deps.edge.spare?.(from, signal);
      }),
    watch: (signal) => deps.step('watch', () => watchColour(deps, to, deps.limits.watchMs, signal)),
    finish: (signal) => finish(deps, from, signal),
    undo: () => undo(deps, from, to),
  };
}

async function bringUp(
  { edge, fleet, limits, step }: RolloutDeps,
  to: Colour,
  spec: ColourSpec | null,
  signal: AbortSignal,
): Promise<void> {
  if (spec && fleet.release) await step('release', async () => fleet.release?.(spec, signal));
  signal.throwIfAborted();
  // Not cut short by `signal`: what was half started could not be stopped for certain.
  const limit = AbortSignal.timeout(limits.healthyMs);
  await step('start', () => (spec ? fleet.start(to, spec, limit) : fleet.resume(to, limit)));
  await step('healthy', async () => {
    signal.throwIfAborted();
    const either = timeLimit(limits.healthyMs, signal);
    await fleet.healthy(to, either);
    const { length } = await running(fleet, to, either);
    await edge.sees(to, length, either);
  });
  signal.throwIfAborted();
}

/** Not interruptible once the old replicas are being stopped: there is nothing to go back to then. */
export async function finish(
  { edge, fleet, step }: Omit<RolloutDeps, 'limits'>,
  from: Colour | null,
  signal: AbortSignal,
): Promise<void> {
  if (from === null) return;
  await step('drain', async () => {
    const limit = timeLimit(DRAIN_LIMIT_MS, signal);
    await edge.drained(from, limit).catch((error) => {
      // Requests without end (downloads, event streams) are cut when the replica stops.
      if (signal.aborted || !limit.aborted) throw error;
    });
  });
  await step('stop', () => stop({ fleet }, from));
}

export async function undo(
  { edge, fleet }: Pick<RolloutDeps, 'edge' | 'fleet'>,
  from: Colour | null,
  to: Colour,
): Promise<void> {
  const { serving } = await edge.traffic(limit());
  if (serving === to) {
    // Without a colour to go back to, what runs is better than nothing.
    if (from === null) return;
    // After its machine came back, the load balancer knows later than the fleet that `from` is well.
    await edge.sees(from, 1, limit());
    await edge.switchTo(from, limit());
    await edge.drained(to, AbortSignal.timeout(DRAIN_LIMIT_MS)).catch(() => {});
  }
  await stop({ fleet }, to);
}

/** What to throw for `error` after `back` brought everything back, or could not. */
export async function undone(
  error: unknown,
  back: () => Promise<void>,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    await back();
  } catch (cause) {
    return notUndone(toProblem(error), cause);
  }
  return signal.aborted && !isLimit(signal) ? new CancelledError(error) : error;
}

function isLimit({ reason }: AbortSignal): boolean {
  return reason?.name === 'TimeoutError';
}

function stop({ fleet }: Pick<RolloutDeps, 'fleet'>, colour: Colour): Promise<void> {
  return fleet.stop(colour, limit());
}

function limit(): AbortSignal {
  return AbortSignal.timeout(CALL_LIMIT_MS);
}
