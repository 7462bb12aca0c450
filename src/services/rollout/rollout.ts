import { never } from '../../limit.ts';
import type { Colour } from '../../model/container.ts';
import type { ColourSpec } from '../../ports/fleet.ts';
import { prepareRollout, type RolloutDeps, undone } from './prepare.ts';
import { notFinished } from './problems.ts';

/** What is written between the last check and the switch: the .env that the new replicas have. */
export interface BeforeSwitch {
  write(signal: AbortSignal): Promise<void>;
  undo(signal: AbortSignal): Promise<void>;
}

export interface RolledOut {
  from: Colour | null;
  to: Colour;
  /** From the first start until all new replicas were healthy. */
  healthyMs: number;
  watchedMs: number;
  elapsedMs: number;
}

/**
 * A whole rollout: prepare → switch → watch → drain and stop the old colour. Whatever fails before
 * the old colour is stopped, a new replica that dies while it is watched included, is undone.
 * @throws what failed; CancelledError when `signal` aborted and everything is as before; `not-finished` where
 * only the old colour's end is missing.
 */
export async function rollout(
  deps: RolloutDeps,
  spec: ColourSpec | null,
  between: BeforeSwitch | null,
  signal: AbortSignal,
): Promise<RolledOut> {
  const startedAt = performance.now();
  const prepared = await prepareRollout(deps, spec, signal);
  const healthyMs = Math.round(performance.now() - startedAt);
  try {
    if (between) await deps.step('env', () => between.write(signal));
    signal.throwIfAborted();
    await prepared.switch(signal);
    await prepared.watch(signal);
  } catch (error) {
    const back = async () => {
      await prepared.undo();
      await between?.undo(never());
    };
    throw await undone(error, back, signal);
  }
  // From here on a Ctrl-C comes too late: the new colour serves and is well.
  const { from, to } = prepared;
  await prepared.finish(never()).catch((error) => {
    throw notFinished(to, error);
  });
  const elapsedMs = Math.round(performance.now() - startedAt);
  return { from, to, healthyMs, watchedMs: deps.limits.watchMs, elapsedMs };
}
