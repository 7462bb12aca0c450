import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledError } from '../../errors.ts';
import { timeLimit } from '../../limit.ts';
import type { Colour, Container } from '../../model/container.ts';
import type { Fleet } from '../../ports/fleet.ts';
import { died } from './problems.ts';

const EVERY_MS = 250;
const TELL_EVERY_MS = 10_000;
/** A check that fails once may be chance; one that fails this long is not. */
const UNWELL_MS = 2_000;

/**
 * Resolves when the replicas of `colour` that run now were well for `forMs`.
 * @throws ExternalError with the last log lines of the one that was not.
 */
export async function watchColour(
  { fleet, watching }: { fleet: Fleet; watching?: (leftMs: number) => void },
  colour: Colour,
  forMs: number,
  signal: AbortSignal,
): Promise<void> {
  const before = await running(fleet, colour, signal);
  const end = Date.now() + forMs;
  for (let nextTell = end - forMs + TELL_EVERY_MS; ; ) {
    const now = await fleet.replicas(signal);
    const lost = before.find((replica) => isLost(replica, now));
    const unwell = now.some((each) => each.colour === colour && each.health === 'unhealthy');
    // The fleet knows why; where its engine has started the replica anew by now, it finds nothing.
    if (lost || unwell) {
      await fleet.healthy(colour, timeLimit(UNWELL_MS, signal));
    }
    if (lost) throw died(lost.name);
    if (Date.now() >= end) return;
    if (Date.now() >= nextTell) {
      watching?.(end - Date.now());
      nextTell += TELL_EVERY_MS;
    }
    await sleep(EVERY_MS, undefined, { signal }).catch((error) => {
      throw new CancelledError(error);
    });
  }
}

export async function running(
  fleet: Fleet,
  colour: Colour,
  signal: AbortSignal,
): Promise<Container[]> {
  const replicas = await fleet.replicas(signal);
  return replicas.filter((each) => each.colour === colour && each.state === 'running');
}

/** An engine that starts a replica anew gives it another id, or counts. */
function isLost(before: Container, now: readonly Container[]): boolean {
  const same = now.find(({ id }) => id === before.id);
  return same?.state !== 'running' || same.restarts > before.restarts;
}
