import { pause } from '../../limit.ts';
import type { Edge } from '../../ports/edge.ts';
import type { Steps } from './steps.ts';

const EVERY_MS = 150;

/** Shows how many requests wait, until `signal` aborts or the cut-over has its outcome. */
export async function watchWaiting(edge: Edge, steps: Steps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && steps.cutover.outcome === null) {
    const traffic = await edge.traffic(signal).catch(() => null);
    if (traffic && steps.cutover.outcome === null) steps.show({ waiting: traffic.held });
    await pause(EVERY_MS, signal).catch(() => {});
  }
}
