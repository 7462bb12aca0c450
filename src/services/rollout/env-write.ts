import { UsageError } from '../../errors.ts';
import type { KeyChange } from '../env/changes.ts';
import { sameBytes } from '../env/replace.ts';
import type { EnvStore } from '../env/store.ts';
import type { BeforeSwitch } from './rollout.ts';

/** A new content of the .env, that the new replicas are started with. */
export interface EnvWrite {
  /** For plans: `set API_TOKEN`. Becomes the version's reason. */
  words: string;
  before: Uint8Array | null;
  after: Uint8Array;
  changes: readonly KeyChange[];
}

/** Writes it as a version just before the switch, and the old content as another one to go back. */
export function writing(store: EnvStore, { words, before, after }: EnvWrite): BeforeSwitch {
  return {
    async write(signal) {
      const edit = (now: Uint8Array | null) => {
        if (!sameBytes(now, before)) throw changedMeanwhile(store.file);
        return after;
      };
      await store.change(edit, words, signal);
    },
    async undo(signal) {
      // Somebody else's later change stays.
      const edit = (now: Uint8Array | null) =>
        now !== null && sameBytes(now, after) ? (before ?? new Uint8Array()) : (now ?? after);
      if (await store.live()) await store.change(edit, `undid: ${words}`, signal);
    },
  };
}

export function changedMeanwhile(file: string): UsageError {
  return new UsageError({
    code: 'env-changed-meanwhile',
    message: `${file} was changed by someone else meanwhile. Your change was not written.`,
    why: 'Writing it would have undone the other change.',
    next: 'Look at the change (portsync env diff), then try again.',
  });
}
