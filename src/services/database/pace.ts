/** Parts of a server's time that our looks may take: together at most 1 %. */
export const SHARE = { look: 0.008, size: 0.002 } as const;

const LONGEST_REST_MS = 15 * 60_000;

/** How long to leave the server alone, so that work of `busyMs` stays within `share` of its time. */
export function restAfter(busyMs: number, share: number, leastMs: number): number {
  return Math.round(Math.max(leastMs, Math.min(busyMs / share, LONGEST_REST_MS)));
}

/** One slow look among quick ones (a busy moment, a cold cache) must not make the pane sleep. */
export function typicalCost(previousMs: number | null, latestMs: number): number {
  return previousMs === null ? latestMs : previousMs * 0.75 + latestMs * 0.25;
}

/** Says when a kind of look may be taken again, from what the last ones cost. */
export class Pace {
  #cost: number | null = null;
  #at: number | null = null;
  readonly #share: number;
  readonly #leastMs: number;

  constructor(share: number, leastMs: number) {
    this.#share = share;
    this.#leastMs = leastMs;
  }

  spent(busyMs: number): void {
    this.#cost = typicalCost(this.#cost, busyMs);
    this.#at = performance.now();
  }

  get restMs(): number {
    return restAfter(this.#cost ?? 0, this.#share, this.#leastMs);
  }

  get due(): boolean {
    return this.#at === null || performance.now() - this.#at >= this.restMs;
  }
}
