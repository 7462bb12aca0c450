import { setTimeout as sleep } from 'node:timers/promises';
import { toProblem } from '../../../errors.ts';
import type { FollowProgress } from '../../../model/migration.ts';
import { describeTarget } from '../../database/url.ts';
import type { QualifiedName } from '../names.ts';
import { keyOf } from '../names.ts';
import { passes, StartAgain, told } from './failures.ts';
import { FeedWatch } from './feed-watch.ts';
import { Flow } from './flow.ts';
import type { Follow, FollowOptions } from './follow.ts';
import { type Lsn, parseLsn } from './lsn.ts';
import { orAborted } from './or-aborted.ts';
import { feedLost } from './problems.ts';
import { Session } from './session.ts';
import { SideLine } from './side-line.ts';
import { Target } from './target.ts';
import type { TouchedTable } from './touched.ts';

const REPORT_EVERY_MS = 250;
const BEAT_EVERY_MS = 500;
const STRUCTURE_EVERY_MS = 3000;
const HEALTH_EVERY_MS = 5000;
const BACKOFF_MS = { first: 100, most: 5000 };

export class Follower implements Follow {
  readonly ended: Promise<void>;
  readonly #options: FollowOptions;
  readonly #report: (progress: FollowProgress) => void;
  readonly #flow = new Flow();
  readonly #line: SideLine;
  readonly #watch: FeedWatch;
  readonly #stop = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  #session: Session | null = null;
  #running: Promise<void> = Promise.resolve();
  #settle!: { done: () => void; fail: (error: unknown) => void };

  constructor(options: FollowOptions, report: (progress: FollowProgress) => void) {
    this.#options = options;
    this.#report = report;
    this.#line = new SideLine(options.from);
    this.#watch = new FeedWatch(this.#line, options.feed, options.keptLimitBytes ?? null);
    this.ended = new Promise((done, fail) => {
      this.#settle = { done, fail };
    });
    this.ended.catch(() => {});
  }

  async start(signal: AbortSignal): Promise<void> {
    const abort = () => void this.stop();
    signal.addEventListener('abort', abort, { once: true });
    this.ended.catch(() => {}).finally(() => signal.removeEventListener('abort', abort));
    try {
      signal.throwIfAborted();
      await this.#watch.checkStructure();
      await this.#watch.checkHealth();
    } catch (error) {
      await this.#finish(error);
      throw error;
    }
    this.#every(REPORT_EVERY_MS, async () => this.#report(this.#flow.pulse.progress(Date.now())));
    this.#every(BEAT_EVERY_MS, () => this.#beat());
    this.#every(STRUCTURE_EVERY_MS, () => this.#watch.checkStructure());
    this.#every(HEALTH_EVERY_MS, () => this.#watch.checkHealth());
    this.#running = this.#run();
  }

  async caughtUp(signal: AbortSignal): Promise<void> {
    const mark = await orAborted(this.#mark(signal), signal);
    const arrived = this.#flow.waits.until(() => this.#flow.reached >= mark, signal);
    await Promise.all([arrived, orAborted(this.#watch.checkStructure(), signal)]);
  }

  async hold(signal: AbortSignal): Promise<void> {
    this.#setGate(0n);
    await this.#flow.waits.until(() => this.#session?.still === true, signal);
  }

  async settleAt(lsn: string, signal: AbortSignal): Promise<void> {
    const gate = parseLsn(lsn);
    if (this.#flow.applied >= gate) throw new Error(`${lsn} was passed before it was settled at`);
    this.#setGate(gate);
    await orAborted(this.#mark(signal), signal);
    const settled = () => this.#session?.still === true && this.#session.inbox.settled;
    await this.#flow.waits.until(settled, signal);
  }

  resume(): void {
    this.#setGate(null);
  }

  touched(): TouchedTable[] {
    return this.#flow.touched.tables();
  }

  resetTouched(): void {
    this.#flow.touched.reset();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#finish(null);
  }

  async #run(): Promise<void> {
    let backoff = BACKOFF_MS.first;
    while (!this.#stop.signal.aborted) {
      const before = this.#flow.reached;
      const error = await this.#follow().catch((reason: unknown) => reason);
      this.#session = null;
      if (this.#stop.signal.aborted) break;
      if (!passes(error)) {
        await this.#finish(this.#inWords(error));
        break;
      }
      if (!(error instanceof StartAgain))
        this.#flow.pulse.waiting = toProblem(this.#inWords(error));
      backoff =
        this.#flow.reached > before ? BACKOFF_MS.first : Math.min(backoff * 2, BACKOFF_MS.most);
      await sleep(backoff, null, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  /** One session, until something breaks it. */
  async #follow(): Promise<never> {
    const { from, to, feed, starts } = this.#options;
    const { confirmedLsn, active } = await this.#watch.checkHealth();
    if (active) await this.#watch.freeSlot();
    const initial = confirmedLsn ?? 0n;
    const origin = await this.#watch.origin();
    const target = await Target.open({ url: to, feed, origin, initial }, this.#stop.signal);
    try {
      // What the other side has not, the source has already thrown away.
      if (target.position < initial) throw feedLost(null);
      this.#flow.startAt(target.position, Date.now());
      const startOf = startsOf(starts);
      const checkStructure = () => this.#watch.checkStructure();
      this.#session = new Session(target, this.#flow, { url: from, feed, startOf, checkStructure });
      return await this.#session.run(this.#stop.signal);
    } finally {
      target.close();
    }
  }

  #setGate(gate: Lsn | null): void {
    this.#flow.gate = gate;
    if (this.#session) this.#session.inbox.gate = gate;
    this.#flow.waits.poke();
  }

  async #beat(): Promise<void> {
    const at = Date.now();
    this.#flow.pulse.beat(await this.#line.mark(false), at);
  }

  /** The source may be restarting just now. */
  async #mark(signal: AbortSignal): Promise<Lsn> {
    for (;;) {
      try {
        return await this.#line.mark(true);
      } catch (error) {
        if (!passes(error)) throw error;
        await sleep(BACKOFF_MS.first, null, { signal });
      }
    }
  }

  /** Never twice at once; what passes by itself is met, and told of, by the session. */
  #every(ms: number, work: () => Promise<unknown>): void {
    let busy = false;
    const tick = async () => {
      if (busy) return;
      busy = true;
      await work().catch((error: unknown) => {
        if (!passes(error)) void this.#finish(error);
      });
      busy = false;
    };
    this.#timers.push(setInterval(() => void tick(), ms));
  }

  #inWords(error: unknown): unknown {
    return told(error, describeTarget(this.#options.to).where);
  }

  async #finish(error: unknown): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.#stop.abort();
    this.#flow.waits.end(error ?? this.#stop.signal.reason);
    if (error) this.#settle.fail(error);
    else this.#settle.done();
    await this.#line.close();
  }
}

function startsOf(starts: ReadonlyMap<string, string>): (relation: QualifiedName) => Lsn {
  const parsed = new Map([...starts].map(([name, lsn]) => [name, parseLsn(lsn)]));
  // It is asked with every change.
  const known = new WeakMap<QualifiedName, Lsn>();
  return (relation) => {
    const asked = known.get(relation);
    if (asked !== undefined) return asked;
    const start = parsed.get(keyOf(relation)) ?? 0n;
    known.set(relation, start);
    return start;
  };
}
