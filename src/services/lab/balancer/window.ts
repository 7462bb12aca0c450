import { build, type Histogram } from 'hdr-histogram-js';

const SECONDS = 10;
const TICKS_PER_MS = 10;
const LONGEST_MS = 120_000;

export interface WindowFigures {
  requestsPerSecond: number;
  errorsPerSecond: number;
  /** Share of requests that failed, 0–1. */
  errorRate: number;
  p50Ms: number | null;
  p95Ms: number | null;
}

interface Second {
  at: number;
  requests: number;
  errors: number;
  times: Histogram;
}

/** Figures of the last ten seconds, kept as one small histogram for each second. */
export class RollingWindow {
  readonly #seconds: Second[] = [];
  readonly #now: () => number;
  readonly #since: number;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  record(ms: number, failed: boolean): void {
    const second = this.#current();
    second.requests += 1;
    if (failed) second.errors += 1;
    second.times.recordValue(Math.max(1, Math.round(Math.min(ms, LONGEST_MS) * TICKS_PER_MS)));
  }

  figures(): WindowFigures {
    const oldest = Math.floor(this.#now() / 1000) - SECONDS + 1;
    const seconds = this.#seconds.filter((second) => second.at >= oldest);
    const requests = seconds.reduce((sum, second) => sum + second.requests, 0);
    const errors = seconds.reduce((sum, second) => sum + second.errors, 0);
    const from = Math.max(this.#since / 1000, oldest);
    const covered = Math.max(1, this.#now() / 1000 - from);
    const times = histogram();
    for (const second of seconds) times.add(second.times);
    const at = (percentile: number) =>
      requests === 0 ? null : times.getValueAtPercentile(percentile) / TICKS_PER_MS;
    return {
      requestsPerSecond: requests / covered,
      errorsPerSecond: errors / covered,
      errorRate: requests === 0 ? 0 : errors / requests,
      p50Ms: at(50),
      p95Ms: at(95),
    };
  }

  #current(): Second {
    const at = Math.floor(this.#now() / 1000);
    const newest = this.#seconds.at(-1);
    if (newest?.at === at) return newest;
    const reused = this.#seconds.length === SECONDS ? this.#seconds.shift() : undefined;
    reused?.times.reset();
    const second = { at, requests: 0, errors: 0, times: reused?.times ?? histogram() };
    this.#seconds.push(second);
    return second;
  }
}

function histogram(): Histogram {
  return build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_MS * TICKS_PER_MS,
    numberOfSignificantValueDigits: 2,
  });
}
