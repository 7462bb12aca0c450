import { EventEmitter } from 'node:events';
import type { Document, HostAddress } from 'mongodb';
import { type Connection, connect } from 'mongodb/lib/cmap/connect.js';
import { describeTarget } from '../database/url.ts';
import { mongoConnectError, mongoError, serverCode } from './errors.ts';
import { type DriverOptions, driverOptions, hostOf } from './options.ts';

/** One session with one member. Not for two commands at once. */
export interface MongoConnection {
  /** @throws PortSyncError */
  run(database: string, command: Document, signal: AbortSignal): Promise<Document>;
  /** The database that the URL names. */
  readonly database: string;
  /** Null for a unix socket. */
  readonly remoteAddress: string | null;
  /** False once either side has closed it. */
  readonly alive: boolean;
  close(): void;
}

/**
 * The first member of `url` that answers, or the primary that it names. The driver's own client
 * would hold a second connection, to watch over the first: this is its connection alone.
 * @throws PortSyncError
 */
export async function connectMongo(
  url: string,
  applicationName: string,
  signal: AbortSignal,
): Promise<MongoConnection> {
  const { where } = describeTarget(url);
  try {
    const options = await driverOptions(url, applicationName);
    signal.throwIfAborted();
    const member = await firstMember(options, signal);
    const chosen = await primaryBehind(member, options, signal);
    return new Session(chosen, options.dbName, where);
  } catch (error) {
    throw mongoConnectError(signal.aborted ? signal.reason : error, where);
  }
}

async function firstMember(options: DriverOptions, signal: AbortSignal): Promise<Connection> {
  let last: unknown = signal.reason;
  for (const host of options.hosts) {
    try {
      return await open(options, host, signal);
    } catch (error) {
      last = error;
      // A member that has answered speaks for the others.
      if (signal.aborted || serverCode(error) !== null) break;
    }
  }
  throw last;
}

/** A set may name its members as they know each other, which need not work from here. */
async function primaryBehind(
  member: Connection,
  options: DriverOptions,
  signal: AbortSignal,
): Promise<Connection> {
  const { isWritablePrimary, primary } = member.hello ?? {};
  if (isWritablePrimary || typeof primary !== 'string') return member;
  const better = await open(options, hostOf(primary), signal).catch(() => null);
  if (better) member.destroy();
  return better ?? member;
}

async function open(
  options: DriverOptions,
  hostAddress: HostAddress,
  signal: AbortSignal,
): Promise<Connection> {
  const cancellationToken = new EventEmitter();
  const opening = connect({ ...options.connect, hostAddress, cancellationToken });
  try {
    return await unlessAborted(opening, signal);
  } catch (error) {
    cancellationToken.emit('cancel');
    // The token reaches no further than the socket; the driver may still be shaking hands.
    opening.then(
      (late) => late.destroy(),
      () => {},
    );
    throw error;
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

class Session implements MongoConnection {
  readonly #connection: Connection;
  readonly #where: string;
  readonly database: string;
  readonly remoteAddress: string | null;

  constructor(connection: Connection, database: string, where: string) {
    this.#connection = connection;
    this.#where = where;
    this.database = database;
    this.remoteAddress = connection.socket.remoteAddress ?? null;
  }

  get alive(): boolean {
    return !this.#connection.closed;
  }

  async run(db: string, command: Document, signal: AbortSignal): Promise<Document> {
    const cut = () => this.#connection.destroy();
    signal.addEventListener('abort', cut, { once: true });
    try {
      // “Direct” lets members that are not primary answer as well.
      return await this.#connection.command({ db }, command, { directConnection: true });
    } catch (error) {
      throw mongoError(signal.aborted ? signal.reason : error, this.#where);
    } finally {
      signal.removeEventListener('abort', cut);
    }
  }

  close(): void {
    this.#connection.destroy();
  }
}
