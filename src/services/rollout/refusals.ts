import { UsageError } from '../../errors.ts';
import type { Job } from '../../model/job.ts';
import type { Migration } from '../../model/migration.ts';
import { lookAt } from '../migration/look.ts';
import { placesOf } from '../migration/places.ts';
import { noteOf } from './note.ts';

/** @throws UsageError while the database is being switched: that has both colours in its hands. */
export async function refuseDuringCutover(projectDir: string): Promise<void> {
  const migration = await lookAt(placesOf(projectDir));
  if (migration?.state !== 'cutting-over') return;
  throw new UsageError({
    code: 'migration-cutting-over',
    message: 'The database is being moved just now. Nothing was changed.',
    why: 'At the cut-over both colours of replicas are in use.',
    next: 'Wait until it has ended: portsync migrate status',
  });
}

/**
 * Why what is kept of the idle colour must not serve again; null when it may. Only what a finished
 * rollout stopped has served well, and only while the app is on the database that it knows.
 */
export function rollbackRefusal(
  jobs: readonly Job[],
  migration: Migration | null,
): UsageError | null {
  const last = jobs.filter((job) => noteOf(job) !== null && replaced(job)).at(-1);
  const cutover = migration?.cutover;
  if (cutover && cutover.way !== 'rehearsal' && (!last || cutover.startedAt > last.at)) {
    return refusal(
      'The replicas that are kept know another database.',
      'portsync migrate back, where that is still open.',
    );
  }
  if (last && last.outcome !== 'done') {
    return refusal(
      `“${last.what}” was undone, so what runs now is what ran before.`,
      'portsync deploy IMAGE, or portsync env restore ID, brings an older state.',
    );
  }
  return null;
}

/** Whether what was kept of the idle colour is the job's: a failed release command comes before that. */
function replaced({ outcome, operations }: Job): boolean {
  return outcome === 'done' || operations.some(({ id }) => id === 'start');
}

function refusal(why: string, next: string): UsageError {
  return new UsageError({
    code: 'no-rollback',
    message: 'There is nothing to roll back to.',
    why,
    next,
  });
}
