import { PortSyncError } from '../../errors.ts';
import type { EngineApi } from '../docker/api.ts';

/** Where images that PortSync builds for an app are kept. */
export function repositoryOf(app: string): string {
  return `${app}-web`;
}

/** A tag for an image that is built at `now`; they sort by time. */
export function newImage(app: string, now: Date): string {
  return `${repositoryOf(app)}:${now
    .toISOString()
    .replace(/[-:]|\.\d+/g, '')
    .toLowerCase()}`;
}

export async function hasImage(
  engine: EngineApi,
  image: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await inspect(engine, image, signal)) !== null;
}

/** The id of an image that was built or loaded here and never came from a registry; null for others. */
export async function unpublishedId(
  engine: EngineApi,
  image: string,
  signal: AbortSignal,
): Promise<string | null> {
  const seen = await inspect(engine, image, signal);
  return seen && (seen.RepoDigests ?? []).length === 0 ? seen.Id : null;
}

interface Inspected {
  Id: string;
  RepoDigests: string[] | null;
}

async function inspect(
  engine: EngineApi,
  image: string,
  signal: AbortSignal,
): Promise<Inspected | null> {
  try {
    return await engine.request<Inspected>('GET', `/images/${image}/json`, {}, signal);
  } catch (error) {
    if (error instanceof PortSyncError && error.code === 'no-such-container') return null;
    throw error;
  }
}

/**
 * Removes the images that PortSync built for this app and that no colour is made from: what serves and
 * what a rollback needs stay, and whatever is somebody else's.
 */
export async function removeOldImages(
  engine: EngineApi,
  app: string,
  kept: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const query = { filters: JSON.stringify({ reference: [`${repositoryOf(app)}:*`] }) };
  const found = await engine.request<Array<{ RepoTags: string[] | null }>>(
    'GET',
    '/images/json',
    { query },
    signal,
  );
  const built = new RegExp(`^${repositoryOf(app)}:\\d{8}t\\d{6}z$`);
  const old = found
    .flatMap(({ RepoTags }) => RepoTags ?? [])
    .filter((tag) => built.test(tag) && !kept.includes(tag));
  const removed: string[] = [];
  for (const tag of old) {
    const gone = await engine.request('DELETE', `/images/${tag}`, {}, signal).then(
      () => true,
      // A container that has stopped still needs it: another time.
      () => false,
    );
    if (gone) removed.push(tag);
  }
  return removed;
}
