import type { Operation } from '../../model/job.ts';
import { journalled } from '../journal/journalled.ts';
import { type Report, reported } from '../rollout/report.ts';
import { type DownFacts, takeDown } from './down.ts';
import type { Stage } from './stage.ts';

/** Carries out a plan of `planDown`, written to the journal. */
export async function runDown(
  stage: Stage,
  plan: readonly Operation[],
  facts: DownFacts,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const { project, app } = stage;
  const intent = { kind: 'down', what: `down: ${app}`, plan: [...plan] };
  await journalled(project.dir, intent, signal, ({ step }) =>
    takeDown(stage, plan, facts, reported(step, plan, report), signal),
  );
}
