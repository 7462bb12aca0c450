/** Parts of a server's time that our looks may take: together at most 1 %. */
export const SHARE = { look: 0.008, size: 0.002 } as const;

const LONGEST_REST_MS = 15 * 60_000;

/** How long to leave the server alone, so that work of `busyMs` stays within `share` of its time. */
export function restAfter(busyMs: number, share: number, leastMs: number): number {
  return Math.round(Math.max(leastMs, Math.min(busyMs / share, LONGEST_REST_MS)));
}

/**
 * What a look costs, from how long the server took for the latest ones: the quickest of five. On a
 * busy machine a look mostly waits for its turn, which costs nobody anything, and to look less often
 * just then would be wrong; a look that is dear is so each time.
 */
export function typicalCost(latestMs: readonly number[]): number {
  return latestMs.length === 0 ? 0 : Math.min(...latestMs.slice(-5));
}

/** Says when a kind of look may be taken again, from what the last ones cost. */
export class Pace {
  #latest: number[] = [];
  #at: number | null = null;
  readonly #share: number;
  readonly #leastMs: number;

  constructor(share: number, leastMs: number) {
    this.#share = share;
    this.#leastMs = leastMs;
  }

  spent(busyMs: number): void {
    this.#latest = [...this.#latest, busyMs].slice(-5);
    this.#at = performance.now();
  }

  get restMs(): number {
    return restAfter(typicalCost(this.#latest), this.#share, this.#leastMs);
  }

  get due(): boolean {
    return this.#at === null || performance.now() - this.#at >= this.restMs;
  }
}
