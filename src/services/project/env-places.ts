import type { EnvPlace } from '../../model/env.ts';
import { parsed } from '../env/changes.ts';
import { formerKeys } from '../env/drift.ts';
import { envPlacesOf, type VersionValues } from '../env/places.ts';
import { EnvStore } from '../env/store.ts';
import { readRunning } from './read-running.ts';

/** Nobody looks for a version older than this many; each is a file to be read. */
const MOST_VERSIONS = 200;

/** Which version each running replica, and each copy on another machine, has. Without any value. */
export async function readEnvPlaces(projectDir: string, signal: AbortSignal): Promise<EnvPlace[]> {
  const store = new EnvStore(projectDir);
  const { versions } = await store.history(signal);
  const { running, unread } = await readRunning(projectDir, signal);
  const ids = versions.slice(0, MOST_VERSIONS).map(({ id }) => id);
  const file = parsed(await store.live()).values;
  const places = await envPlacesOf(file, running, formerKeys(versions), valuesOf(store, ids));
  const blind = unread.map(({ where, why }) => ({
    where,
    version: null,
    differs: [],
    unread: why,
  }));
  return [...places, ...blind];
}

async function* valuesOf(store: EnvStore, ids: readonly string[]): AsyncGenerator<VersionValues> {
  for (const id of ids) yield { id, values: parsed(await store.content(id)).values };
}
