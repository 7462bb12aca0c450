import type { Cutover, CutoverStep, StepRecord } from '../../model/migration.ts';
import { type Book, now } from './book.ts';

/** One cut-over as it is seen: its steps, its clock, who waits. */
export class Steps {
  readonly #book: Book;
  readonly #started = new Map<CutoverStep, number>();
  /** How long each took that has ended, ms. */
  readonly took = new Map<CutoverStep, number>();
  #zero = performance.now();
  #cutover: Cutover;

  constructor(book: Book, way: Cutover['way'], deadlineMs: number) {
    this.#book = book;
    this.#cutover = {
      way,
      startedAt: now(),
      heldAt: null,
      deadlineMs,
      steps: [],
      waiting: 0,
      outcome: null,
      heldMs: null,
      heldRequests: null,
      failedRequests: null,
      problem: null,
    };
  }

  get cutover(): Cutover {
    return this.#cutover;
  }

  /** What is under way now, and for how long, ms. */
  get doing(): Array<[CutoverStep, number]> {
    return [...this.#started].map(([step, at]) => [step, performance.now() - at]);
  }

  get sinceZero(): number {
    return performance.now() - this.#zero;
  }

  show(patch: Partial<Cutover>): void {
    this.#cutover = { ...this.#cutover, ...patch };
    this.#book.show({ cutover: this.#cutover });
  }

  /** From here on requests wait, and times count from here. */
  hold(): void {
    this.#zero = performance.now();
    this.show({ heldAt: now() });
  }

  async do<T>(step: CutoverStep, work: () => Promise<T>): Promise<T> {
    const at = performance.now();
    this.#started.set(step, at);
    this.#record(step, 'doing');
    try {
      const result = await work();
      this.took.set(step, performance.now() - at);
      this.#started.delete(step);
      this.#record(step, 'done');
      return result;
    } catch (error) {
      this.#record(step, 'failed');
      throw error;
    }
  }

  #record(step: CutoverStep, state: StepRecord['state']): void {
    const ms = Math.round(this.sinceZero);
    const others = this.#cutover.steps.filter((each) => each.step !== step);
    this.show({ steps: [...others, { step, state, ms }] });
  }
}
