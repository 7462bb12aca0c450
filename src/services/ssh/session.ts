import { setTimeout as sleep } from 'node:timers/promises';
import type { PortSyncError } from '../../errors.ts';
import { retryDelay } from './backoff.ts';
import { resolveHost } from './config.ts';
import { type DialContext, dial } from './dial.ts';
import { channelRefused, connectError, connectionLost } from './errors.ts';
import type { Link } from './link.ts';
import { Slots } from './slots.ts';

const REFUSED_ALONE = 5;
const ALONE_MS = 50;

interface Closable {
  /** Called when no one waits for it any more. */
  close(): unknown;
}

/**
 * Asks for a channel and answers it, or what was made of it. Listeners have to be attached before
 * the answer: a short command may be over in the same packet that opens its channel.
 */
export type Open<T> = (link: Link, answer: (error: Error | null, made?: T) => void) => void;

export interface Opened<T> {
  made: T;
  link: Link;
}

export interface OpenedSession<T> extends Opened<T> {
  /** Gives the place back that the channel took among the server's sessions. */
  release: () => void;
}

/** One connection to a host, opened by the first call that needs it, and again after a loss. */
export class Session {
  readonly where: string;
  readonly #address: string;
  readonly #context: DialContext;
  readonly #slots: Slots;
  #link: Link | null = null;
  #connecting: Promise<Link> | null = null;
  #failure: { error: PortSyncError; count: number; until: number } | null = null;

  constructor(address: string, where: string, context: DialContext, sessions: number) {
    this.where = where;
    this.#address = address;
    this.#context = context;
    this.#slots = new Slots(sessions);
  }

  /** Opens a channel that counts against MaxSessions, waiting for its turn. */
  async openSession<T extends Closable>(
    open: Open<T>,
    signal: AbortSignal,
  ): Promise<OpenedSession<T>> {
    for (let alone = 0; ; ) {
      const release = await this.#slots.acquire(signal);
      try {
        return { ...(await this.openChannel(open, signal)), release };
      } catch (error) {
        const others = this.#slots.busy - 1;
        release();
        if (!isRefusal(error)) throw error;
        this.#slots.shrinkTo(others);
        if (others > 0) continue;
        // A server counts a session for a moment after it has told us of its end.
        alone += 1;
        if (alone > REFUSED_ALONE) throw channelRefused(this.where, error);
        await sleep(ALONE_MS * alone, null, { signal }).catch(() => signal.throwIfAborted());
      }
    }
  }

  /**
   * Opens a channel that does not count. A connection that was lost unseen is opened anew, once.
   * @throws PortSyncError, the signal's reason, or a refusal (isRefusal) that is not translated.
   */
  async openChannel<T extends Closable>(open: Open<T>, signal: AbortSignal): Promise<Opened<T>> {
    for (let first = true; ; first = false) {
      const link = await this.#connected(signal);
      try {
        return { made: await opened(open, link, signal), link };
      } catch (error) {
        if (signal.aborted || isRefusal(error)) throw error;
        if (!link.lost) throw channelRefused(this.where, error);
        // Without a channel nothing was started there, and doing it again does nothing twice.
        const asked = /^Unable to/.test((error as Error).message);
        if (!first || asked) throw this.lossError(error);
      }
    }
  }

  /** What a call ends with when its connection went away. */
  lossError(cause?: unknown): PortSyncError {
    const { aborted, reason } = this.#context.closing;
    return aborted ? (reason as PortSyncError) : connectionLost(this.where, cause);
  }

  /** Ends the connection; `closing` must be aborted before. */
  close(): void {
    this.#link?.end();
  }

  async #connected(signal: AbortSignal): Promise<Link> {
    signal.throwIfAborted();
    this.#context.closing.throwIfAborted();
    if (this.#link && !this.#link.lost) return this.#link;
    if (this.#failure && Date.now() < this.#failure.until) throw this.#failure.error;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    return unlessAborted(this.#connecting, signal);
  }

  async #connect(): Promise<Link> {
    try {
      const host = resolveHost(this.#address, this.#context.config);
      const link = await dial(host, this.#context);
      if (this.#context.closing.aborted) link.end();
      this.#link = link;
      this.#failure = null;
      return link;
    } catch (thrown) {
      const error = connectError(thrown, this.where);
      const count = (this.#failure?.count ?? 0) + 1;
      this.#failure = { error, count, until: Date.now() + retryDelay(error.code, count) };
      throw error;
    }
  }
}

/** The server answered that it will not open the channel. */
export function isRefusal(error: unknown): boolean {
  return typeof (error as { reason?: unknown }).reason === 'number';
}

function opened<T extends Closable>(open: Open<T>, link: Link, signal: AbortSignal): Promise<T> {
  const making = new Promise<T>((resolve, reject) => {
    try {
      open(link, (error, made) =>
        made ? resolve(made) : reject(error ?? new Error('no channel')),
      );
    } catch (error) {
      // ssh2 throws when the socket is gone and its close event is still to come.
      link.lost = true;
      reject(error as Error);
    }
  });
  making.then(
    (late) => signal.aborted && late.close(),
    () => {},
  );
  return unlessAborted(making, signal);
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
