import type { EnvHistory } from '../../model/env.ts';
import type { Problem } from '../../model/problem.ts';
import { parsed } from './changes.ts';
import type { Contents } from './folder.ts';
import { type KeptVersion, sha256 } from './versions.ts';

export interface FullHistory extends EnvHistory {
  versions: KeptVersion[];
  /** Why a change made by another program could not be kept; null when all is. */
  notRecorded: Problem | null;
}

/** One look at the file and its versions, oldest first. */
export type Now = Contents & { content: Buffer | null };

/** What became of a change. */
export interface Outcome {
  version: KeptVersion;
  /** False when the file already was so; `version` then is the one it equals. */
  changed: boolean;
}

/** Newest first. */
export function told(
  file: string,
  { content, versions }: Now,
  notRecorded: Problem | null,
): FullHistory {
  const newestFirst = versions.toReversed();
  const sha = content && sha256(content);
  return {
    file,
    keys: parsed(content).values.size,
    versions: newestFirst,
    current: newestFirst.find((version) => version.sha256 === sha)?.id ?? null,
    notRecorded,
  };
}

/** Nothing is to be caught up with: the newest version is the file, and all is recorded. */
export function inOrder({ content, versions, unrecorded, pending }: Now): boolean {
  const known = content === null || versions.at(-1)?.sha256 === sha256(content);
  return known && unrecorded.length === 0 && pending.length === 0;
}
