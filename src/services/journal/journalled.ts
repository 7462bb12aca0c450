import { exclusively } from './exclusively.ts';
import { type Intent, Journal, type OpenJob } from './journal.ts';

/**
 * Runs `work` alone in the project, written to the journal. What it did stays when it fails: such a
 * change is gone on with, and not undone.
 * @throws ExternalError `project-busy`, and whatever `work` throws
 */
export async function journalled(
  projectDir: string,
  intent: Omit<Intent, 'owner' | 'facts'>,
  signal: AbortSignal,
  work: (job: OpenJob) => Promise<void>,
): Promise<void> {
  await exclusively(projectDir, signal, async (owner) => {
    const job = await new Journal(projectDir).begin({ ...intent, owner, facts: {} });
    try {
      await work(job);
      await job.end('done');
    } catch (error) {
      await job.end('failed');
      throw error;
    }
  });
}
