import type { FollowProgress } from '../../../model/migration.ts';
import { Follower } from './follower.ts';
import type { TouchedTable } from './touched.ts';

export interface FollowOptions {
  /** URLs of the side whose changes are read, and of the one they are applied at. */
  from: string;
  to: string;
  /** Name of the publication and the slot; see `publish`. */
  feed: string;
  /** By `keyOf` the name, as `copiedPositions` gives them: what committed before this LSN is in the copy of the table already. */
  starts: ReadonlyMap<string, string>;
  /** Log that the source may keep for us before the slot is dropped; null: by the server's settings. */
  keptLimitBytes?: number | null;
}

export interface Follow {
  /** Resolves when everything that was committed before this call is at the other side. */
  caughtUp(signal: AbortSignal): Promise<void>;
  /** Applies nothing more until `resume`; resolves when both sides of the pipe are at rest. */
  hold(signal: AbortSignal): Promise<void>;
  /**
   * Resolves when every transaction that committed before `lsn`, and none after, is at the other side;
   * stays so until `resume`. Call `hold` before the LSN is taken, or it may have been passed.
   */
  settleAt(lsn: string, signal: AbortSignal): Promise<void>;
  resume(): void;
  touched(): TouchedTable[];
  resetTouched(): void;
  /** Rejects with what ended it, resolves after `stop`. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Applies at `to` what changes at `from`, exactly once whoever dies, until it is stopped. Waits, and says
 * so, while either server is away or full.
 */
export async function followChanges(
  options: FollowOptions,
  report: (progress: FollowProgress) => void,
  signal: AbortSignal,
): Promise<Follow> {
  const follower = new Follower(options, report);
  await follower.start(signal);
  return follower;
}
