/** Counters of a server at one moment of its own clock. */
export interface Sample {
  /** Milliseconds; only differences count. */
  atMs: number;
  transactions: number;
  cacheHits: number;
  cacheMisses: number;
}

export interface Rates {
  transactionsPerSecond: number | null;
  cacheHitPercent: number | null;
}

/**
 * Null where the counters went backwards (a restart, a reset of the statistics) or nothing was read.
 * `own` is what our looks themselves added to `transactions` in between.
 */
export function ratesBetween(before: Sample | null, now: Sample, own: number): Rates {
  const seconds = before ? (now.atMs - before.atMs) / 1000 : 0;
  if (!before || seconds <= 0 || now.transactions < before.transactions) {
    return { transactionsPerSecond: null, cacheHitPercent: null };
  }
  const hits = now.cacheHits - before.cacheHits;
  const reads = hits + now.cacheMisses - before.cacheMisses;
  return {
    transactionsPerSecond: Math.max(0, now.transactions - before.transactions - own) / seconds,
    cacheHitPercent: hits >= 0 && reads > 0 ? (100 * hits) / reads : null,
  };
}
