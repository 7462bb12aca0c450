/**
 * When requests are due, by the clock alone: a slow answer, or a late timer, delays none of them and
 * leaves none out.
 */
export class Schedule {
  #from: number;
  #issued = 0;
  #perSecond: number;

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#from = now;
  }

  /** From now on at another rate; what was due before is not lost. */
  setRate(perSecond: number, now: number): void {
    const owed = this.#dueBy(now) - this.#issued;
    this.#perSecond = perSecond;
    this.#from = now;
    this.#issued = -owed;
  }

  /** How many are due since the last call; times in ms of one clock. */
  take(now: number): number {
    const count = Math.max(0, this.#dueBy(now) - this.#issued);
    this.#issued += count;
    return count;
  }

  #dueBy(now: number): number {
    return Math.floor(((now - this.#from) * this.#perSecond) / 1000);
  }
}
