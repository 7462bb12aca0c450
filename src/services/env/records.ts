import { changedKeys } from './changes.ts';
import type { Contents, Folder } from './folder.ts';
import { type KeptVersion, partsOfId, sha256, versionId } from './versions.ts';

/** What the index will say of a new version. */
export function describeVersion(
  facts: {
    content: Uint8Array;
    before: Uint8Array | null;
    newest: KeptVersion | null;
    /** ms since the epoch. */
    now: number;
  },
  about: { author: string; host: string; reason: string; named?: boolean },
): KeptVersion {
  const last = partsOfId(facts.newest?.id ?? '')?.at ?? 0;
  // A clock that was set back must not put a new version before an old one.
  const at = Math.max(facts.now, last + 1);
  const hash = sha256(facts.content);
  return {
    id: versionId(at, hash),
    at: new Date(at).toISOString(),
    author: about.author,
    host: about.host,
    reason: about.reason,
    changed: changedKeys(facts.before, facts.content),
    sha256: hash,
    named: about.named ?? false,
    sizeBytes: facts.content.length,
  };
}

/** Records for versions whose line in the index is gone, as far as their files tell. */
export async function lostRecords(
  folder: Folder,
  { versions, unrecorded }: Contents,
): Promise<KeptVersion[]> {
  const ids = [...versions.map(({ id }) => id), ...unrecorded].sort();
  const read = async (id: string | undefined) =>
    id === undefined ? null : folder.read(id).catch(() => null);
  const found: KeptVersion[] = [];
  for (const id of unrecorded) {
    const content = await read(id);
    const { at, hash } = partsOfId(id) ?? { at: 0, hash: '' };
    found.push({
      id,
      at: new Date(at).toISOString(),
      author: 'unknown',
      host: 'unknown',
      reason: content ? 'its record was lost' : 'damaged',
      changed: content ? changedKeys(await read(ids[ids.indexOf(id) - 1]), content) : [],
      sha256: content ? sha256(content) : hash,
      named: false,
      sizeBytes: content?.length ?? 0,
    });
  }
  return found;
}
