import { journalled } from '../journal/journalled.ts';
import { limitsOf, watchFor } from '../project/open-fleet.ts';
import { type Ground, planChange, runChange } from '../rollout/change.ts';
import { type Recovered, recover } from '../rollout/recover-jobs.ts';
import { type Report, reported } from '../rollout/report.ts';
import { deployWish } from '../rollout/wishes.ts';
import { removeUnused } from './old-images.ts';
import type { Stage } from './stage.ts';
import { bringUp, type UpProgress } from './up.ts';
import type { UpLook } from './up-look.ts';
import type { UpOperation } from './up-plan.ts';

/** Nothing served before, so that there is nothing to go back to. */
const FIRST_WATCH_MS = 1000;

/** Who is told how it goes. */
export interface UpListener extends UpProgress {
  step: Report;
  /** A change that was cut off before, finished or undone now. */
  recovered(each: Recovered): void;
  removed(images: number): void;
}

/** Carries out a plan of `planUp`, written to the journal; its last part, the replicas, as a rollout. */
export async function runUp(
  stage: Stage,
  look: UpLook,
  plan: readonly UpOperation[],
  listener: UpListener,
  signal: AbortSignal,
): Promise<void> {
  const base = plan.filter(({ id }) => id !== 'web');
  if (base.length > 0) await runBase(stage, look, base, listener, signal);
  const ground = groundOf(stage, look);
  for (const each of await recover(ground, listener.step, signal)) listener.recovered(each);
  if (plan.some(({ id }) => id === 'web')) {
    const wish = deployWish(look.facts.web.image, look.facts.web.replicas);
    await runChange(ground, await planChange(ground, wish, signal), listener.step, signal);
  }
  const removed = await removeUnused(stage, signal);
  if (removed.length > 0) listener.removed(removed.length);
}

async function runBase(
  stage: Stage,
  look: UpLook,
  plan: readonly UpOperation[],
  listener: UpListener,
  signal: AbortSignal,
): Promise<void> {
  const { project, app } = stage;
  const intent = { kind: 'up', what: `up: ${app}`, plan: [...plan] };
  await journalled(project.dir, intent, signal, ({ step }) =>
    bringUp(stage, look, plan, reported(step, plan, listener.step), listener, signal),
  );
}

function groundOf({ project, edge, fleet }: Stage, { facts }: UpLook): Ground {
  const first = facts.web.standing === 'missing';
  const limits = limitsOf(project);
  return {
    projectDir: project.dir,
    edge,
    fleet,
    limits: first ? watchFor(limits, FIRST_WATCH_MS) : limits,
  };
}
