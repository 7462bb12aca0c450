import type { Operation } from '../../model/job.ts';
import { exclusively } from '../journal/exclusively.ts';
import { Journal } from '../journal/journal.ts';
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
  await exclusively(project.dir, signal, async (owner) => {
    const intent = { kind: 'down', what: `down: ${app}`, owner, plan: [...plan], facts: {} };
    const job = await new Journal(project.dir).begin(intent);
    try {
      await takeDown(stage, plan, facts, reported(job.step, plan, report), signal);
      await job.end('done');
    } catch (error) {
      await job.end('failed');
      throw error;
    }
  });
}
