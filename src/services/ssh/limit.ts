/** A time limit that stands still while a person is asked something. */
export class Limit {
  readonly #stop = new AbortController();
  readonly #ms: number;
  /** Aborts with a TimeoutError when the time is over, or as the parent does. */
  readonly signal: AbortSignal;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, parent: AbortSignal) {
    this.#ms = ms;
    this.signal = AbortSignal.any([this.#stop.signal, parent]);
    this.#start();
  }

  /** The whole time starts anew once `ask` was answered. */
  async paused<T>(ask: () => Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    try {
      return await ask();
    } finally {
      this.#start();
    }
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): void {
    this.#timer = setTimeout(() => {
      this.#stop.abort(new DOMException('The time limit was reached.', 'TimeoutError'));
    }, this.#ms);
  }
}
