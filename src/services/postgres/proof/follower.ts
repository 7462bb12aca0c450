import type { QualifiedName } from '../names.ts';

/** What changed in one table since the last `resetTouched`. */
export interface Touched extends QualifiedName {
  /** Of the table's replica identity; empty where it has none. */
  keyColumns: string[];
  /** Of every row that was written or deleted: the key as text, in the order of `keyColumns`. */
  keys: string[][];
  /** Rows inserted less rows deleted. */
  net: number;
  truncated: boolean;
  /** More than the follower keeps account of: `keys` is not complete. */
  overflow: boolean;
}

/** What the proof needs of who applies one side's changes at the other. */
export interface SettlingFollower {
  /** Applies all that committed before `lsn`, then holds still until `resume`. */
  settleAt(lsn: string, signal: AbortSignal): Promise<{ resume(): void }>;
  readonly touched: Iterable<Touched>;
  resetTouched(): void;
}
