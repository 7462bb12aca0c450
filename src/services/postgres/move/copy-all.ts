import { ExternalError } from '../../../errors.ts';
import type { CopyProgress } from '../../../model/migration.ts';
import { copiedPositions, DatabaseCopy, openSnapshot, type Snapshot } from '../copy/index.ts';
import { publish } from '../follow/feed.ts';
import { followChanges } from '../follow/follow.ts';
import { feedHealth } from '../follow/health.ts';
import { rememberWhatIsThere } from './inventory.ts';
import type { Urls } from './warm-freeze.ts';

/**
 * Everything of the source at the target, and a feed of what changed since at the source. May be
 * called again after a death: what an earlier run had not copied comes from a snapshot of its own, and
 * the tables are then brought to one position before anything that ties them together is made.
 */
export async function copyAll(
  { source, target }: Urls,
  feed: string,
  report: (progress: CopyProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  await rememberWhatIsThere(target, signal);
  await publish(source, feed, signal);
  const snapshot = await snapshotFor(source, target, feed, signal);
  const copy = new DatabaseCopy({ source, target, publication: feed }, report);
  try {
    await copy.copySchema(snapshot, signal);
    await copy.copyData(snapshot, signal);
  } finally {
    snapshot.close();
  }
  const starts = await copiedPositions(target, signal);
  if (new Set(starts.values()).size > 1) {
    const pair = { from: source, to: target };
    const follow = await followChanges({ ...pair, feed, starts }, () => {}, signal);
    try {
      await Promise.race([follow.caughtUp(signal), follow.ended]);
    } finally {
      await follow.stop();
    }
  }
  await copy.finish(signal);
}

/** The slot's own first moment; where the slot is there already, a later one. */
async function snapshotFor(
  source: string,
  target: string,
  feed: string,
  signal: AbortSignal,
): Promise<Snapshot> {
  const { state } = await feedHealth(source, feed, signal);
  if (state === 'ok') {
    return openSnapshot(source, { slot: `${feed}_again`, temporary: true }, signal);
  }
  const copied = await copiedPositions(target, signal).catch(() => new Map());
  if (state === 'lost' || copied.size > 0) throw slotGone();
  return openSnapshot(source, { slot: feed, temporary: false }, signal);
}

function slotGone(): ExternalError {
  return new ExternalError({
    code: 'feed-lost',
    message: 'The copy cannot be gone on with.',
    why: 'The source no longer keeps what changed since it was begun.',
    next: 'Begin again: portsync migrate abort --drop-copy, then portsync migrate TARGET',
  });
}
