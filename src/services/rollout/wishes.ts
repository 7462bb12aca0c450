import { otherColour } from '../../model/container.ts';
import { keyChanges, parsed } from '../env/changes.ts';
import { EnvStore } from '../env/store.ts';
import { Journal } from '../journal/journal.ts';
import { lookAt } from '../migration/look.ts';
import { placesOf } from '../migration/places.ts';
import type { Ground, Wish } from './change.ts';
import type { EnvWrite } from './env-write.ts';
import { keptEnv } from './note.ts';
import { rollbackRefusal } from './refusals.ts';

export function deployWish(image: string | null, replicas: number | null): Wish {
  const what = image === null ? 'deploy: the same image, the .env as it is' : `deploy: ${image}`;
  return { kind: 'deploy', what, image, replicas, kept: false, env: null };
}

/** `words` without values; also the reason that the version is kept under. */
export function envWish(words: string, before: Uint8Array | null, after: Uint8Array): Wish {
  const env = envWrite(words, before, after);
  return { kind: 'env', what: `env: ${words}`, image: null, replicas: null, kept: false, env };
}

/**
 * The replicas that the last rollout stopped, and the .env that they know.
 * @throws UsageError `no-rollback` where they must not serve again.
 */
export async function rollbackWish(ground: Ground, signal: AbortSignal): Promise<Wish> {
  const { projectDir, edge } = ground;
  const jobs = await new Journal(projectDir).jobs();
  const refusal = rollbackRefusal(jobs, await lookAt(placesOf(projectDir)));
  if (refusal) throw refusal;
  const colour = otherColour((await edge.traffic(signal)).serving);
  const env = await envOf(projectDir, keptEnv(jobs, colour), signal);
  const what = `rollback to ${colour}`;
  return { kind: 'rollback', what, image: null, replicas: null, kept: true, env };
}

/** Null where the .env is as it was, or what it was is not kept any more. */
async function envOf(
  projectDir: string,
  wanted: string | null,
  signal: AbortSignal,
): Promise<EnvWrite | null> {
  const store = new EnvStore(projectDir);
  const { versions, current } = await store.history(signal);
  const version = versions.find(({ id, sha256 }) => id === wanted || sha256 === wanted);
  const now = versions.find(({ id }) => id === current);
  if (!version || version.sha256 === now?.sha256) return null;
  const words = `restored ${version.id.split('-')[0]}`;
  return envWrite(words, await store.live(), await store.content(version.id));
}

function envWrite(words: string, before: Uint8Array | null, after: Uint8Array): EnvWrite {
  const changes = keyChanges(parsed(before), parsed(after), { reveal: false });
  return { words, before, after, changes };
}
