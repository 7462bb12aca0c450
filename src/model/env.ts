/** One timestamped copy of the .env. Values are never part of it. */
export interface EnvVersion {
  id: string;
  /** ISO 8601 UTC. */
  at: string;
  author: string;
  host: string;
  reason: string;
  /** Keys that differ from the version before. */
  changed: string[];
  sha256: string;
}

export interface EnvHistory {
  file: string;
  keys: number;
  /** Newest first. */
  versions: EnvVersion[];
  /** The version that equals the file now; null when the file changed since. */
  current: string | null;
}

/** What a running replica, or a node's copy of the file, has. Keys only. */
export interface EnvPlace {
  /** `web-blue.1 on fra-2`; whatever the person knows it by. */
  where: string;
  /** The newest version that it equals; null when it equals none. */
  version: string | null;
  /** Keys that it does not have as the file has them now. */
  differs: string[];
  /** Why it could not be looked at; null when it was. */
  unread: string | null;
}

/** One key that differs between two versions. Values are masked. */
export interface EnvChange {
  key: string;
  change: 'added' | 'removed' | 'changed';
  before: string | null;
  after: string | null;
}
