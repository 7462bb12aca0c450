interface Wait {
  done: () => boolean;
  resolve: () => void;
  reject: (reason: unknown) => void;
}

/** Conditions that somebody waits for; `poke` looks at them again. */
export class Waits {
  readonly #waits = new Set<Wait>();
  #ended: { reason: unknown } | null = null;

  async until(done: () => boolean, signal: AbortSignal): Promise<void> {
    if (this.#ended) throw this.#ended.reason;
    signal.throwIfAborted();
    if (done()) return;
    let wait: Wait | undefined;
    let abort = () => {};
    try {
      await new Promise<void>((resolve, reject) => {
        wait = { done, resolve, reject };
        abort = () => reject(signal.reason);
        this.#waits.add(wait);
        signal.addEventListener('abort', abort, { once: true });
      });
    } finally {
      if (wait) this.#waits.delete(wait);
      signal.removeEventListener('abort', abort);
    }
  }

  poke(): void {
    for (const wait of this.#waits) if (wait.done()) wait.resolve();
  }

  /** Nobody will be answered any more. */
  end(reason: unknown): void {
    this.#ended ??= { reason };
    for (const wait of this.#waits) wait.reject(reason);
  }
}
