import { orAborted } from '../../limit.ts';
import type { Migration } from '../../model/migration.ts';
import type { Ending } from './position.ts';
import { refusalOf } from './requests.ts';

/** What can be asked of a migration at rest. */
export type Request = 'cutover' | 'back' | 'verify';

/** Takes what is asked of a migration while it runs; refuses what cannot be now. */
export class Desk {
  readonly #look: () => Migration;
  #busy = false;
  #waiting: Request | null = null;
  #wake: () => void = () => {};
  #ending: Ending | null = null;
  #stop = new AbortController();

  constructor(look: () => Migration) {
    this.#look = look;
  }

  /** Aborts what can be ended when `end` is asked. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** @throws UsageError with the reason why not. */
  ask(request: Request): void {
    const refusal = refusalOf(this.#look(), request, this.#busy || this.#waiting !== null);
    if (refusal) throw refusal;
    this.#waiting = request;
    this.#wake();
  }

  /** @throws UsageError with the reason why not. */
  end(ending: Ending): void {
    const refusal = refusalOf(this.#look(), ending.how === 'finish' ? 'finish' : 'abort', false);
    if (refusal) throw refusal;
    this.#ending = ending;
    this.#stop.abort();
  }

  /** The end that was asked for; from then on it can be asked anew. */
  takeEnding(): Ending | null {
    const ending = this.#ending;
    if (ending) this.#stop = new AbortController();
    this.#ending = null;
    return ending;
  }

  /** Waits for the next request, and works on it. */
  async serve(signal: AbortSignal, work: (request: Request) => Promise<void>): Promise<void> {
    while (!this.#waiting) {
      await orAborted(new Promise<void>((resolve) => (this.#wake = resolve)), signal);
    }
    const request = this.#waiting;
    this.#waiting = null;
    this.#busy = true;
    try {
      await work(request);
    } finally {
      this.#busy = false;
    }
  }
}
