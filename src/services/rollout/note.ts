import type { Colour } from '../../model/container.ts';
import type { Facts, Job } from '../../model/job.ts';

/** What a rollout's journal says of it, for those who come later. */
export interface RolloutNote extends Facts {
  from: Colour | null;
  to: Colour;
  replicas: number;
  image: string | null;
  /** SHA-256 of the .env that `to` was started with; null where there was none. */
  envHash: string | null;
  /** The version to go back to when the job changes the .env and is undone; else null. */
  envBefore: string | null;
}

/** Null for jobs that are no rollout. */
export function noteOf({ facts }: Job): RolloutNote | null {
  return isColour(facts.to) ? (facts as RolloutNote) : null;
}

function isColour(value: unknown): value is Colour {
  return value === 'blue' || value === 'green';
}

/**
 * The .env, by its hash or its version's id, that the replicas kept of `colour` were started with;
 * null when the journal does not tell.
 */
export function keptEnv(jobs: readonly Job[], colour: Colour): string | null {
  const notes = jobs
    .filter(({ outcome }) => outcome === 'done')
    .flatMap((job) => noteOf(job) ?? []);
  const started = notes.findLast(({ to }) => to === colour);
  return started ? started.envHash : (notes.at(-1)?.envBefore ?? null);
}
