import { openMover } from './movers.ts';
import { readOrder } from './order.ts';
import { placesOf } from './places.ts';
import { positionOf } from './position.ts';
import { nothingBegun } from './problems.ts';
import { fileShelf } from './shelf.ts';

/**
 * Has a change of structure agreed that kept changes from flowing. Takes no lock: after the switch a
 * worker lives on and tries again from time to time, and it is that try which this lets pass.
 */
export async function acceptStructure(projectDir: string, signal: AbortSignal): Promise<void> {
  const places = placesOf(projectDir);
  const order = await readOrder(places);
  if (!order) throw nothingBegun();
  const { serving } = positionOf(await fileShelf(places).readJournal());
  const mover = await openMover(projectDir, order.kind, order.urls, order.id, signal);
  try {
    await mover.acceptStructure(serving, signal);
  } finally {
    await mover.close();
  }
}
