import { once } from 'node:events';
import type { HoldReport } from '../../../ports/edge.ts';

/** Told once whether the client of a request that waited got the replica's answer. */
export type Settle = (answered: boolean) => void;

/** One hold, from `hold()` until the last request that waited in it was answered. */
class Hold extends EventTarget {
  readonly waiting = new Set<() => void>();
  timer: NodeJS.Timeout;
  firstAt: number | null = null;
  endedAt: number | null = null;
  expired = false;
  requests = 0;
  answered = 0;
  failed = 0;

  constructor(timer: NodeJS.Timeout) {
    super();
    this.timer = timer;
  }

  get unsettled(): number {
    return this.requests - this.answered - this.failed;
  }

  readonly settle: Settle = (answered) => {
    if (answered) this.answered += 1;
    else this.failed += 1;
    if (this.unsettled === 0) this.dispatchEvent(new Event('settled'));
  };

  report(): HoldReport {
    return {
      heldMs: this.firstAt === null ? 0 : (this.endedAt ?? this.firstAt) - this.firstAt,
      heldRequests: this.requests,
      failedRequests: this.failed + this.unsettled,
      expired: this.expired,
    };
  }
}

const NOTHING_HELD = { heldMs: 0, heldRequests: 0, failedRequests: 0, expired: false };

/**
 * Where requests wait: open, or held until `release()` or the deadline, whichever comes first. The
 * deadline is the gate's own, so that nobody's death can keep it shut.
 */
export class Gate {
  #hold: Hold | null = null;
  #last: Hold | null = null;

  get holding(): boolean {
    return this.#hold !== null;
  }

  /** How many requests wait now. */
  get waiting(): number {
    return this.#hold?.waiting.size ?? 0;
  }

  /** Requests wait from now on. During a hold it only sets the deadline anew. */
  hold(deadlineMs: number): void {
    const timer = setTimeout(() => this.#open(true), deadlineMs);
    if (!this.#hold) {
      this.#hold = new Hold(timer);
      return;
    }
    clearTimeout(this.#hold.timer);
    this.#hold.timer = timer;
  }

  /** Null at once while open, else waits. Rejects when `signal` aborts: the client left. */
  async enter(signal: AbortSignal): Promise<Settle | null> {
    const hold = this.#hold;
    if (!hold) return null;
    hold.firstAt ??= performance.now();
    hold.requests += 1;
    try {
      await waitIn(hold.waiting, signal);
    } catch (error) {
      hold.settle(false);
      throw error;
    }
    return hold.settle;
  }

  /** Lets everyone go; answers once all who waited are settled, or `signal` aborts. */
  async release(signal: AbortSignal): Promise<HoldReport> {
    this.#open(false);
    const last = this.#last;
    if (!last) return NOTHING_HELD;
    if (last.unsettled > 0) await once(last, 'settled', { signal }).catch(() => {});
    return last.report();
  }

  #open(expired: boolean): void {
    const hold = this.#hold;
    if (!hold) return;
    clearTimeout(hold.timer);
    this.#last = hold;
    this.#hold = null;
    hold.endedAt = performance.now();
    hold.expired = expired;
    for (const go of hold.waiting) go();
    hold.waiting.clear();
  }
}

function waitIn(queue: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const leave = () => {
      queue.delete(go);
      reject(signal.reason);
    };
    const go = () => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    signal.addEventListener('abort', leave, { once: true });
    queue.add(go);
  });
}
