import type { Job, Outcome } from '../../model/job.ts';
import { EnvStore } from '../env/store.ts';
import { exclusively } from '../journal/exclusively.ts';
import { Journal } from '../journal/journal.ts';
import type { Ground } from './change.ts';
import { noteOf, type RolloutNote } from './note.ts';
import { stillBroken } from './problems.ts';
import { recoverRollout } from './recover.ts';
import { type Report, reported } from './report.ts';

export interface Recovered {
  job: Job;
  outcome: Outcome;
}

/** Ends what a process that died left of this project's rollouts, if there is anything. */
export async function recover(
  ground: Ground,
  report: Report,
  signal: AbortSignal,
): Promise<Recovered[]> {
  const left = await new Journal(ground.projectDir).unfinished();
  if (left.length === 0) return [];
  return exclusively(ground.projectDir, signal, () => recoverJobs(ground, report, signal));
}

/**
 * The same for who is alone in the project already: no unfinished job has a living owner then.
 * @throws ExternalError `not-recovered` where no colour can serve; it has to be looked at.
 */
export async function recoverJobs(
  ground: Ground,
  report: Report,
  signal: AbortSignal,
): Promise<Recovered[]> {
  const journal = new Journal(ground.projectDir);
  const recovered: Recovered[] = [];
  for (const job of await journal.unfinished()) {
    const note = noteOf(job);
    if (!note) continue;
    const open = journal.open(job);
    const step = reported(open.step, job.plan, report);
    const outcome = await recoverRollout({ ...ground, step }, note, signal);
    if (outcome === 'failed') throw stillBroken(job);
    if (outcome === 'undone') await bringBackEnv(ground.projectDir, job.what, note, signal);
    await open.end(outcome);
    recovered.push({ job, outcome });
  }
  return recovered;
}

/** Only where the job had come to write the .env, and nobody has changed it since. */
async function bringBackEnv(
  projectDir: string,
  what: string,
  { envBefore, envHash }: RolloutNote,
  signal: AbortSignal,
): Promise<void> {
  if (envBefore === null) return;
  const store = new EnvStore(projectDir);
  const { versions, current } = await store.history(signal);
  if (versions.find(({ id }) => id === current)?.sha256 !== envHash) return;
  const content = await store.content(envBefore);
  await store.change(() => content, `undid: ${what}`, signal);
}
