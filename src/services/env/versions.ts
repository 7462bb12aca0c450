import { createHash } from 'node:crypto';
import type { EnvVersion } from '../../model/env.ts';

/** A version as it is kept; `named` ones were saved with a reason by someone and are never pruned. */
export interface KeptVersion extends EnvVersion {
  named: boolean;
  sizeBytes: number;
}

const ID = /^(\d{8}T\d{9}Z)-([0-9a-f]{12})$/;

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** `20260102T030405678Z-<the first 12 digits of the SHA-256>`: ids sort by time. */
export function versionId(at: number, sha: string): string {
  return `${new Date(at).toISOString().replace(/[-:.]/g, '')}-${sha.slice(0, 12)}`;
}

/** Quicker than taking it apart, for folders of many thousands. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/** Null for anything that is no version's id. */
export function partsOfId(id: string): { at: number; hash: string } | null {
  const match = ID.exec(id);
  if (!match?.[1] || !match[2]) return null;
  const iso = match[1].replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/,
    '$1-$2-$3T$4:$5:$6.$7Z',
  );
  const at = Date.parse(iso);
  return Number.isNaN(at) ? null : { at, hash: match[2] };
}

/** One line of the index. */
export function indexLine(version: KeptVersion): string {
  return `${JSON.stringify(version)}\n`;
}

/**
 * What the index says of each id; of two lines for one id, the last. A line that was cut off, or that
 * someone edited, counts as not there: what it said is found again from the version's file.
 */
export function parseIndex(text: string): Map<string, KeptVersion> {
  const versions = new Map<string, KeptVersion>();
  for (const line of text.split('\n')) {
    const version = line === '' ? null : parseLine(line);
    if (version) versions.set(version.id, version);
  }
  return versions;
}

function parseLine(line: string): KeptVersion | null {
  try {
    const value: unknown = JSON.parse(line);
    return isVersion(value) ? value : null;
  } catch {
    return null;
  }
}

function isVersion(value: unknown): value is KeptVersion {
  if (typeof value !== 'object' || value === null) return false;
  const { id, at, author, host, reason, changed, sha256, named, sizeBytes } = value as KeptVersion;
  const texts = [id, at, author, host, reason, sha256];
  return (
    texts.every((text) => typeof text === 'string') &&
    isId(id) &&
    sha256.startsWith(id.slice(-12)) &&
    Array.isArray(changed) &&
    changed.every((key) => typeof key === 'string') &&
    typeof named === 'boolean' &&
    typeof sizeBytes === 'number'
  );
}
