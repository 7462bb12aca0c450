/** A counted lock: at most `limit` at once, the others wait in order. */
export class Slots {
  #limit: number;
  #busy = 0;
  readonly #waiting: Array<() => void> = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get busy(): number {
    return this.#busy;
  }

  /** The server allows fewer than we thought. */
  shrinkTo(limit: number): void {
    this.#limit = Math.max(1, Math.min(this.#limit, limit));
  }

  /** Answers the function that gives the slot back. Rejects with the signal's reason. */
  async acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#busy < this.#limit && this.#waiting.length === 0) this.#busy += 1;
    else await this.#turn(signal);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#busy -= 1;
      this.#next();
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', onAbort);
        this.#busy += 1;
        resolve();
      };
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(go);
      this.#next();
    });
  }

  #next(): void {
    while (this.#busy < this.#limit) {
      const go = this.#waiting.shift();
      if (!go) return;
      go();
    }
  }
}
