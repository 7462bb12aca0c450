import { parseBytes } from './document.ts';
import { setKey, unsetKey } from './edit.ts';
import { missing, noSuchVersion } from './problems.ts';
import type { EnvStore, FullHistory, Outcome } from './store.ts';
import { toBytes } from './text.ts';
import type { KeptVersion } from './versions.ts';

/** A change of the file that has not been made yet. */
export interface Edit {
  /** Without values; the version is kept under it. */
  reason: string;
  /** The new content. May be asked again, when somebody else saved the file meanwhile. */
  of(content: Buffer | null): Uint8Array;
}

/** Its `of` throws UsageError when the value cannot be written, or not without changing another key. */
export function setting(key: string, value: string): Edit {
  return {
    reason: `set ${key}`,
    of: (content) => toBytes(setKey(parseBytes(content ?? Buffer.alloc(0)), key, value).text),
  };
}

export function unsetting(file: string, key: string): Edit {
  return {
    reason: `unset ${key}`,
    of(content) {
      if (!content) throw missing(file);
      return toBytes(unsetKey(parseBytes(content), key).text);
    },
  };
}

/** Writes an old version's bytes as a new version: restoring the one before undoes it. */
export async function restoring(store: EnvStore, id: string): Promise<Edit> {
  const content = await store.content(id);
  return { reason: `restored ${id.split('-')[0]}`, of: () => content };
}

export function apply(store: EnvStore, edit: Edit, signal: AbortSignal): Promise<Outcome> {
  return store.change(edit.of, edit.reason, signal);
}

export function setVariable(
  store: EnvStore,
  key: string,
  value: string,
  signal: AbortSignal,
  reason = `set ${key}`,
): Promise<Outcome> {
  return apply(store, { ...setting(key, value), reason }, signal);
}

export async function restoreVersion(
  store: EnvStore,
  id: string,
  signal: AbortSignal,
): Promise<Outcome> {
  return apply(store, await restoring(store, id), signal);
}

/**
 * The version meant by `current`, `previous`, or the beginning of an id or of its hash.
 * @throws UsageError when there is none, or more than one.
 */
export function findVersion({ versions, current }: FullHistory, word: string): KeptVersion {
  if (word === 'previous' && versions[1]) return versions[1];
  const id = word === 'current' ? current : word;
  const hits = versions.filter(
    (version) => id && (version.id.startsWith(id) || version.sha256.startsWith(id)),
  );
  const exact = hits.find((version) => version.id === id) ?? hits[0];
  // Versions of the same content share a hash; any of them will do.
  const same = new Set(hits.map(({ sha256 }) => sha256)).size === 1;
  if (exact && (same || exact.id === id)) return exact;
  throw noSuchVersion(word, hits.length > 1);
}

export interface PruneRule {
  /** So many of the newest stay, whatever their age. */
  keep: number;
  /** Younger ones stay, however many. */
  days: number;
}

/** Never the one that equals the file, nor a named one, nor the newest. */
export function prunable(
  { versions, current }: Pick<FullHistory, 'versions' | 'current'>,
  { keep, days }: PruneRule,
  now: number,
): KeptVersion[] {
  const oldest = now - days * 86_400_000;
  return versions
    .slice(Math.max(keep, 1))
    .filter(({ id, at, named }) => id !== current && !named && Date.parse(at) < oldest);
}
