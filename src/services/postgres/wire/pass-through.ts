import type { Duplex } from 'node:stream';
import type { Dialled } from '../dial.ts';
import { postgresError } from '../errors.ts';
import { borrowStream } from './borrow.ts';
import { COPY_DONE, copyFail, FrameSplitter, queryFrame, serverError, tagOf } from './frames.ts';

/** One COPY out of a session into another. */
export interface Passage {
  from: Dialled;
  /** Statements of which one is COPY … TO STDOUT; run as one simple query. */
  out: string;
  to: Dialled;
  /** Statements of which one is COPY … FROM STDIN, in the same format. */
  into: string;
  onBytes(count: number): void;
}

/**
 * Passes the rows of `out` on to `into` as they come, at the pace of the slower side; gives their
 * number. Both sessions can be used on when it resolves; when it rejects, both are cut.
 * @throws PortSyncError of the side that failed first
 */
export async function passThrough(passage: Passage, signal: AbortSignal): Promise<number> {
  const relay = new Relay(passage);
  const stop = () => relay.fail(postgresError(signal.reason, passage.to.where));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await relay.done;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

class Relay {
  readonly #passage: Passage;
  readonly #source: Side;
  readonly #target: Side;
  readonly done: Promise<number>;
  readonly #settle: { resolve(rows: number): void; reject(error: unknown): void };
  #rows = 0;
  #over = false;
  /** Chunks that the target's stream still holds. */
  #unwritten = 0;
  /** The target has said that it takes rows. */
  #open = false;

  constructor(passage: Passage) {
    this.#passage = passage;
    const { promise, resolve, reject } = withResolvers<number>();
    this.done = promise;
    this.#settle = { resolve, reject };
    this.#source = new Side(passage.from, this, {
      data: (bytes) => this.#forward(bytes),
      message: (type, body) => this.#fromSource(type, body),
    });
    this.#target = new Side(passage.to, this, {
      data: () => {},
      message: (type, body) => this.#fromTarget(type, body),
    });
    this.#source.stream.pause();
    this.#target.stream.write(queryFrame(passage.into));
    this.#source.stream.write(queryFrame(passage.out));
  }

  /** The source reads no further before the bytes, which it would overwrite, are out. */
  #forward(bytes: Buffer): void {
    this.#passage.onBytes(bytes.length);
    this.#unwritten += 1;
    this.#source.stream.pause();
    this.#target.stream.write(bytes, this.#written);
  }

  #written = () => {
    this.#unwritten -= 1;
    if (this.#unwritten > 0 || this.#over) return;
    this.#source.stream.resume();
    this.#settleWhenReady();
  };

  #fromSource(type: string, body: Buffer): void {
    if (type === 'c') this.#target.stream.write(COPY_DONE);
    if (type === 'C' && /^COPY \d/.test(tagOf(body))) this.#rows = Number(tagOf(body).slice(5));
    if (type === 'E') this.fail(postgresError(serverError(body), this.#passage.from.where));
    if (type === 'Z') this.#ready(this.#source);
  }

  #fromTarget(type: string, body: Buffer): void {
    if (type === 'G') {
      this.#open = true;
      this.#source.stream.resume();
    }
    if (type === 'E') this.fail(postgresError(serverError(body), this.#passage.to.where));
    if (type === 'Z') this.#ready(this.#target);
  }

  #ready(side: Side): void {
    side.ready = true;
    this.#settleWhenReady();
  }

  #settleWhenReady(): void {
    if (!this.#source.ready || !this.#target.ready || this.#unwritten > 0) return;
    this.#leave();
    this.#settle.resolve(this.#rows);
  }

  fail(error: unknown): void {
    if (this.#over) return;
    // So that the server ends its transaction for this reason, and not when it finds us gone.
    if (this.#open && !this.#target.ready) this.#target.stream.write(copyFail('stopped'));
    this.#leave();
    this.#passage.from.socket.destroy();
    this.#passage.to.socket.destroySoon();
    this.#settle.reject(error);
  }

  #leave(): void {
    this.#over = true;
    this.#source.leave();
    this.#target.leave();
  }
}

/** One of the two sessions, listened to. */
class Side {
  readonly stream: Duplex;
  ready = false;
  readonly #leave: () => void;

  constructor(
    dialled: Dialled,
    relay: { fail(error: unknown): void },
    handlers: ConstructorParameters<typeof FrameSplitter>[0],
  ) {
    const splitter = new FrameSplitter(handlers);
    const { stream, giveBack } = borrowStream(dialled.client, (chunk) => splitter.push(chunk));
    const lost = (error?: unknown) => {
      const cause = error instanceof Error ? error : new Error('Connection terminated');
      relay.fail(postgresError(cause, dialled.where));
    };
    stream.on('error', lost).on('close', lost);
    this.stream = stream;
    this.#leave = () => {
      stream.removeListener('error', lost).removeListener('close', lost);
      giveBack();
    };
  }

  leave(): void {
    this.#leave();
  }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
