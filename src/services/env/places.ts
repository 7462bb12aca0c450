import type { EnvPlace } from '../../model/env.ts';
import { driftOf, type Running } from './drift.ts';

export interface VersionValues {
  id: string;
  values: ReadonlyMap<string, string>;
}

/**
 * Which version each place has. `versions` is read newest first, and only as far as it takes: most
 * places have the newest one.
 * @param former keys that some version had
 */
export async function envPlacesOf(
  file: ReadonlyMap<string, string>,
  running: readonly Running[],
  former: ReadonlySet<string>,
  versions: AsyncIterable<VersionValues>,
): Promise<EnvPlace[]> {
  const found = new Map<Running, string>();
  for await (const { id, values } of versions) {
    for (const place of running) {
      if (!found.has(place) && driftOf(values, [place], former).length === 0) found.set(place, id);
    }
    if (found.size === running.length) break;
  }
  return running.map((place) => ({
    where: place.where,
    version: found.get(place) ?? null,
    differs: driftOf(file, [place], former).map(({ key }) => key),
    unread: null,
  }));
}
