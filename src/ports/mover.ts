import type { DatabaseKind } from '../model/database.ts';
import type { CopyProgress, FollowProgress, Preflight, Proof, Side } from '../model/migration.ts';

/**
 * Moves one database into another of the same kind, and can turn round. Knows nothing of apps, edges
 * or files of the project. Everything rejects with a PortSyncError; everything may be called again
 * after a death at any point, and goes on or does nothing.
 */
export interface Mover {
  readonly kind: DatabaseKind;
  /** Looks at both servers and changes neither. */
  preflight(signal: AbortSignal): Promise<Preflight>;
  /** Resolves when all of it is at the target, and the source keeps what changes from then on. */
  copy(report: (progress: CopyProgress) => void, signal: AbortSignal): Promise<void>;
  /** Applies at the other side what changes at `from`, exactly once, until it is stopped. */
  follow(
    from: Side,
    report: (progress: FollowProgress) => void,
    signal: AbortSignal,
  ): Promise<Following>;
  /**
   * What changed in the structure of `from` has been made at the other side by hand, and is agreed from
   * now on.
   */
  acceptStructure(from: Side, signal: AbortSignal): Promise<void>;
  /** The way back: `side` begins to keep its changes. Called while nobody writes there. */
  keepChanges(side: Side, signal: AbortSignal): Promise<void>;
  /** Refuses writes at `side` by everybody but us, so that they cannot diverge unseen; lifts it again. */
  fence(side: Side, signal: AbortSignal): Promise<void>;
  unfence(side: Side, signal: AbortSignal): Promise<void>;
  /** Writers at `side` wait from here on. Ends by itself, undone, with this process. */
  freeze(side: Side, signal: AbortSignal): Promise<Freeze>;
  /** Every row of both, on a pair of snapshots of the same moment, while writes go on. */
  prove(from: Side, signal: AbortSignal): Promise<Proof>;
  /**
   * Removes everything that PortSync made in either database, but the fence of `keepFence`. The copied
   * data stays unless `dropCopy`; what was there before the copy always stays.
   */
  cleanup(options: CleanupOptions, signal: AbortSignal): Promise<void>;
  /** What `cleanup` would find to remove, in words. */
  leftovers(signal: AbortSignal): Promise<string[]>;
  close(): Promise<void>;
}

export interface CleanupOptions {
  keepFence: Side | null;
  dropCopy: boolean;
}

/** Changes flow. */
export interface Following {
  /** Resolves when the other side has everything that was committed before this was called. */
  caughtUp(signal: AbortSignal): Promise<void>;
  /**
   * Does what of the proof can be done while writes go on; repeated as often as is useful. What differs
   * already will differ in `quickProof`: nobody need wait to learn it.
   */
  prepareProof(signal: AbortSignal): Promise<Proof>;
  /** While both sides rest: compares what changed since `prepareProof`, and the counts. */
  quickProof(signal: AbortSignal): Promise<Proof>;
  /** Rejects with what ended it; resolves after `stop`. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Writers wait. `seal` or `thaw` ends it; `thaw` after a `seal` that failed lets go of what it held. */
export interface Freeze {
  /** Brings counters that are not rows (sequences) over. */
  carryCounters(signal: AbortSignal): Promise<void>;
  /** Those who waited are refused, and nobody can write from now on, whoever dies. */
  seal(signal: AbortSignal): Promise<void>;
  /** Those who waited go on as if nothing had been. */
  thaw(): Promise<void>;
}
