import { mayBeOrder, StartAgain } from './failures.ts';
import type { Flow } from './flow.ts';
import { BATCH_BYTES, type Batch, Inbox } from './inbox.ts';
import type { Lsn } from './lsn.ts';
import { PgoutputDecoder, type Relation, type RowChange } from './pgoutput.ts';
import type { Prepared, Target } from './target.ts';
import { openWalStream, type Receiver, type WalStream } from './wal-stream.ts';

/** An idle feed is confirmed this often, so that the source can let go of its log. */
const ADVANCE_EVERY_MS = 5000;

interface Options {
  url: string;
  feed: string;
  startOf: (relation: Relation) => Lsn;
  checkStructure: () => Promise<void>;
}

/** One connection to either side: changes come in, and are applied in batches until something breaks. */
export class Session {
  readonly inbox: Inbox;
  readonly #flow: Flow;
  readonly #target: Target;
  readonly #options: Options;
  readonly #decoder = new PgoutputDecoder();
  #stream: WalStream | null = null;
  #scheduled = false;
  #paused = false;
  #advancedAt = Date.now();
  /** Up to where the source has asked for a confirmation. */
  #askedFor: Lsn = 0n;
  /** Nothing has been handed to the target that it has not yet taken. */
  #resting = true;

  constructor(target: Target, flow: Flow, options: Options) {
    this.#target = target;
    this.#flow = flow;
    this.#options = options;
    this.inbox = new Inbox(target.position, options.startOf);
    this.inbox.gate = flow.gate;
  }

  /** No transaction is under way at the target. */
  get still(): boolean {
    return this.#resting && !this.inbox.begun;
  }

  /** Rejects with what broke. */
  async run(signal: AbortSignal): Promise<never> {
    const { url, feed } = this.#options;
    const receiver: Receiver = {
      data: (bytes, at, to) => this.#take(bytes, at, to),
      asked: (end) => this.#asked(end),
    };
    const from = this.#target.position;
    const stream = await openWalStream({ url, feed, from }, receiver, signal);
    this.#stream = stream;
    const inner = new AbortController();
    const abort = () => inner.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const applying = this.#apply(stream, inner.signal);
    try {
      return await Promise.race([stream.ended, applying]);
    } finally {
      signal.removeEventListener('abort', abort);
      inner.abort();
      this.#target.close();
      stream.close();
      await applying.catch(() => {});
    }
  }

  #take(bytes: Buffer, at: number, to: number): void {
    const message = this.#decoder.decode(bytes, at);
    if (message.kind === 'relation') this.#flow.describe(message.relation);
    this.inbox.take(message, to - at);
    this.#balance();
    if (this.#scheduled) return;
    // Once for all that has arrived: looking after each message would make batches of one.
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#look();
    });
  }

  #asked(end: Lsn): void {
    this.inbox.skip(end);
    this.#askedFor = end;
    this.#look();
  }

  /** Tells what has been reached to those who wait for it. */
  #look(): void {
    const { inbox } = this;
    this.#flow.reach(inbox.empty && this.#resting ? inbox.seen : this.#target.position);
    this.#flow.waits.poke();
  }

  /** The source waits while more is here than the target takes. */
  #balance(): void {
    const paused = this.inbox.bytes > 2 * BATCH_BYTES;
    if (paused === this.#paused) return;
    this.#paused = paused;
    if (paused) this.#stream?.pause();
    else this.#stream?.resume();
  }

  async #apply(stream: WalStream, signal: AbortSignal): Promise<never> {
    let next: Batch | null = null;
    let ready: Prepared | null = null;
    for (;;) {
      next ??= await this.#nextBatch(0, () => this.#mayAdvance, signal);
      this.#resting = next === null;
      if (!next) await this.#target.advance(this.inbox.seen);
      else {
        ready ??= await this.#prepare(next);
        const last = next.changes.at(-1);
        [next, ready] = await this.#applyOne(ready, signal);
        if (last && last.kind !== 'truncate') stream.recycle(bytesOf(last));
      }
      stream.confirm(this.#target.position);
      this.#advancedAt = Date.now();
      this.#look();
    }
  }

  /** While the target works on one batch, the one behind it is made ready, if there is a full one. */
  async #applyOne(ready: Prepared, signal: AbortSignal): Promise<[Batch | null, Prepared | null]> {
    let busy = true;
    this.#flow.sent(ready);
    const applied = this.#target.apply(ready).finally(() => {
      busy = false;
      this.#flow.waits.poke();
    });
    applied.catch(() => {});
    const next = await this.#nextBatch(BATCH_BYTES, () => !busy, signal);
    // It asks the target about tables, which cannot answer when the batch before has failed.
    const prepared = next && (await this.#prepare(next).catch(() => null));
    await applied.catch((error: unknown) => this.#failed(ready, error));
    this.#resting = next === null;
    this.#flow.acknowledged(Date.now());
    return [next, prepared];
  }

  async #nextBatch(
    atLeast: number,
    instead: () => boolean,
    signal: AbortSignal,
  ): Promise<Batch | null> {
    let batch: Batch | null = null;
    await this.#flow.waits.until(() => {
      batch ??= this.inbox.cut(atLeast);
      return batch !== null || instead();
    }, signal);
    if (batch) this.#resting = false;
    this.#balance();
    return batch;
  }

  async #prepare(batch: Batch): Promise<Prepared> {
    if (this.#flow.suspicious) {
      await this.#options.checkStructure();
      this.#flow.suspicious = false;
    }
    return this.#target.prepare(batch, batch.commitLsn <= this.#flow.singlyUntil);
  }

  /** A part of a transaction cannot be repeated alone: the stream begins again before it. */
  #failed({ batch, singly }: Prepared, error: unknown): never {
    if (singly || (batch.opens && batch.closes) || !mayBeOrder(error)) throw error;
    this.#flow.singlyUntil = batch.commitLsn;
    throw new StartAgain('one by one', { cause: error });
  }

  get #mayAdvance(): boolean {
    const late = Date.now() - this.#advancedAt > ADVANCE_EVERY_MS;
    return (
      (late || this.#askedFor > this.#target.position) &&
      this.inbox.empty &&
      this.inbox.seen > this.#target.position
    );
  }
}

function bytesOf(change: RowChange): Buffer {
  return change.kind === 'delete' ? change.old.bytes : change.row.bytes;
}
