import type { Proof } from '../../../model/migration.ts';
import { everyTable, type TableFilter } from '../cutover/tables.ts';
import type { SettlingFollower } from './follower.ts';
import { type Comparison, compareWhole, fullProof } from './full.ts';
import { quickProof } from './quick.ts';
import { closePairs, openPairs, type SessionPair, type Urls } from './session.ts';
import { type Moment, openAtOneMoment } from './snapshots.ts';

export interface ProverOptions {
  include?: TableFilter;
  /** Tables that are compared at once; each keeps a core of both servers busy. */
  width?: number;
  /** How long an open transaction may keep a whole comparison from beginning, ms. */
  momentLimitMs?: number;
}

/** Compares the two databases while `follower` applies what changes at `urls.from` to `urls.to`. */
export class Prover {
  readonly #urls: Urls;
  readonly #follower: SettlingFollower;
  readonly #include: TableFilter;
  readonly #moment: Moment;
  #whole: Comparison | null = null;
  #sessions: SessionPair[] = [];

  constructor(urls: Urls, follower: SettlingFollower, options: ProverOptions = {}) {
    this.#urls = urls;
    this.#follower = follower;
    this.#include = options.include ?? everyTable;
    const { width = 2, momentLimitMs = 60_000 } = options;
    this.#moment = { width, limitMs: momentLimitMs };
  }

  /** Every row of both, at one moment, while writes go on. */
  async full(signal: AbortSignal): Promise<Proof> {
    return fullProof(await this.#compare(() => {}, signal), new Date());
  }

  /**
   * The same, and from that moment on the follower keeps account of what is touched. May be repeated:
   * the later, the less is left for `quick`. What differs now will differ then.
   */
  async prepare(signal: AbortSignal): Promise<Proof> {
    const begin = () => {
      // The account that goes with it ends here, whatever becomes of the new one.
      this.#whole = null;
      this.#follower.resetTouched();
    };
    this.#whole = await this.#compare(begin, signal);
    await this.#openQuick(signal);
    return fullProof(this.#whole, new Date());
  }

  /** While both sides rest. */
  async quick(signal: AbortSignal): Promise<Proof> {
    if (!this.#whole) throw new Error('a quick proof was asked for before one was prepared');
    const sessions = await this.#openQuick(signal);
    return quickProof(sessions, this.#whole, this.#follower.touched(), this.#include, signal);
  }

  async close(): Promise<void> {
    await closePairs(this.#sessions.splice(0));
  }

  async #compare(atRest: () => void, signal: AbortSignal): Promise<Comparison> {
    const pairs = await openAtOneMoment(this.#urls, this.#moment, this.#follower, atRest, signal);
    try {
      return await compareWhole(pairs, this.#include, signal);
    } finally {
      await closePairs(pairs);
    }
  }

  /** Kept open, so that the pause does not pay for logging in. */
  async #openQuick(signal: AbortSignal): Promise<SessionPair[]> {
    const alive = this.#sessions.every(({ source, target }) => source.alive && target.alive);
    if (this.#sessions.length > 0 && alive) return this.#sessions;
    await this.close();
    this.#sessions = await openPairs(this.#urls, 2, signal);
    return this.#sessions;
  }
}
