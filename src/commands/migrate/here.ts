import type { Migration } from '../../model/migration.ts';
import { askToEnd } from '../../services/migration/client.ts';
import { work } from '../../services/migration/worker/work.ts';

const ENDING_LIMIT_MS = 120_000;

/**
 * Works on the migration in this process until `watch` has seen enough. Who interrupts it before the
 * switch gives it up: nobody would read the changes that the source would go on keeping.
 */
export async function workHere(
  projectDir: string,
  watch: (signal: AbortSignal) => Promise<Migration>,
  signal: AbortSignal,
): Promise<Migration> {
  const life = new AbortController();
  const working = work({ projectDir, ending: null }, () => {}, life);
  const failed = working.then(() => new Promise<never>(() => {}));
  failed.catch(() => {});
  const looking = new AbortController();
  const stop = () => looking.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const watching = watch(looking.signal);
  try {
    return await Promise.race([watching, failed]);
  } catch (error) {
    if (signal.aborted) {
      const limit = AbortSignal.timeout(ENDING_LIMIT_MS);
      // Refused after the switch, where there is nothing to give up.
      await askToEnd(projectDir, { how: 'abort', dropCopy: false }, limit)
        .then(() => working)
        .catch(() => {});
    }
    throw error;
  } finally {
    life.abort();
    await working.catch(() => {});
    signal.removeEventListener('abort', stop);
    // Nothing is printed behind the answer.
    looking.abort();
    await watching.catch(() => {});
  }
}
