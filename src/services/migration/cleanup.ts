import type { Mover } from '../../ports/mover.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { thisProcess } from '../lock/holder.ts';
import { withLock } from '../lock/lock.ts';
import { openMover } from './movers.ts';
import { readOrder } from './order.ts';
import { placesOf } from './places.ts';
import { otherSide, type Position, positionOf } from './position.ts';
import { heldBy, nothingBegun } from './problems.ts';
import { fileShelf } from './shelf.ts';

/** What an ended migration left, in words; null where it has not ended. */
export function leftoversOf(projectDir: string, signal: AbortSignal): Promise<string[] | null> {
  return withMover(projectDir, signal, async (mover, { ended }) =>
    ended ? mover.leftovers(signal) : null,
  );
}

/**
 * Answers what stayed.
 * @param liftFence the database that the app has left may be written again
 */
export function removeLeftovers(
  projectDir: string,
  liftFence: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  return withMover(projectDir, signal, async (mover, { ending, serving }) => {
    const fenced = ending?.how === 'finish' && !liftFence ? otherSide(serving) : null;
    await mover.cleanup({ keepFence: fenced, dropCopy: false }, signal);
    return mover.leftovers(signal);
  });
}

async function withMover<T>(
  projectDir: string,
  signal: AbortSignal,
  work: (mover: Mover, position: Position) => Promise<T>,
): Promise<T> {
  const places = placesOf(projectDir);
  const order = await readOrder(places);
  if (!order) throw nothingBegun();
  const patience = { waitMs: 0, refusal: heldBy };
  const alone = async () => {
    const position = positionOf(await fileShelf(places).readJournal());
    const mover = await openMover(projectDir, order.kind, order.urls, order.id, signal);
    try {
      return await work(mover, position);
    } finally {
      await mover.close();
    }
  };
  return withLock(nodeDisk, places.lock, thisProcess, signal, alone, patience);
}
