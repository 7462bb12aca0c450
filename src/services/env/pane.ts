import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Actions } from '../../model/actions.ts';
import type { EnvHistory } from '../../model/env.ts';
import type { Probe } from '../../ports/probe.ts';
import { keyChanges, parsed } from './changes.ts';
import { findVersion } from './operations.ts';
import { missing } from './problems.ts';
import { EnvStore } from './store.ts';

/**
 * The .env's history. While it is open, a change by any other program becomes a version as soon as it
 * is written, not only at the next look.
 */
export function envProbe(projectDir: string): Probe<EnvHistory> {
  const store = new EnvStore(projectDir);
  let last: { stamp: string; history: EnvHistory } | null = null;
  let watcher: FSWatcher | null = null;
  const stop = new AbortController();

  const read = async (signal: AbortSignal): Promise<EnvHistory> => {
    watcher ??= watchFile(store.file, () => void read(stop.signal).catch(() => {}));
    const stamp = await store.stamp();
    if (last?.stamp === stamp) return last.history;
    const history = await store.history(signal);
    if (history.versions.length === 0 && !(await store.live())) throw missing(store.file);
    // Taken before the look: what changes meanwhile is seen the next time.
    if (!history.notRecorded) last = { stamp, history };
    return history;
  };
  return {
    id: 'env',
    everyMs: 1000,
    timeoutMs: 5000,
    read,
    async close() {
      stop.abort();
      watcher?.close();
    },
  };
}

/** Watches the directory: editors put a new file in the old one's place. The probe's pace is the fallback. */
function watchFile(file: string, onChange: () => void): FSWatcher | null {
  try {
    const watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
      if (name === basename(file)) onChange();
    });
    return watcher.on('error', () => watcher.close());
  } catch {
    return null;
  }
}

export function envActions(projectDir: string): Pick<Actions, 'envChanges' | 'envReveal'> {
  const store = new EnvStore(projectDir);
  return {
    async envChanges(id, signal) {
      const history = await store.history(signal);
      const version = findVersion(history, id);
      const before = history.versions[history.versions.indexOf(version) + 1];
      const contents = [
        before ? await store.content(before.id) : null,
        await store.content(version.id),
      ];
      const [from, to] = contents.map((content) => parsed(content ?? null));
      return from && to ? keyChanges(from, to, { reveal: false }) : [];
    },
    async envReveal(id, key, signal) {
      const version = findVersion(await store.history(signal), id);
      return parsed(await store.content(version.id)).values.get(key) ?? null;
    },
  };
}
