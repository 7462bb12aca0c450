import { Socket } from 'node:net';
import type { Client } from 'pg';
import type { PortSyncError } from '../../errors.ts';
import { describeTarget } from '../database/url.ts';
import { postgresError, sqlState } from './errors.ts';
import { type Attempt, attemptsFor, wantsPrimary } from './options.ts';

export type Row = Record<string, unknown>;

/** One session with a server. Not for two queries at once. */
export interface PostgresConnection {
  /**
   * Sends `sql`, which may hold several statements, in one round trip and gives each one's rows.
   * When `signal` aborts, the connection is cut: the server has nothing else to notice it by.
   * @throws PortSyncError
   */
  ask(sql: string, signal: AbortSignal): Promise<Row[][]>;
  /** Null for a unix socket. */
  readonly remoteAddress: string | null;
  /** False once either side has closed it. */
  readonly alive: boolean;
  close(): Promise<void>;
}

/**
 * Tries every host of `url` in turn, with and without TLS as its sslmode allows.
 * @throws PortSyncError of the last host
 */
export async function connectPostgres(
  url: string,
  applicationName: string,
  signal: AbortSignal,
): Promise<PostgresConnection> {
  const { where } = describeTarget(url);
  const primary = wantsPrimary(url);
  let last: unknown = signal.reason;
  for (const attempts of attemptsFor(url)) {
    try {
      const session = await openHost(attempts, applicationName, where, signal);
      if (!primary || !(await inRecovery(session, signal))) return session;
      await session.close();
      last = Object.assign(new Error('It is a replica.'), { code: '25006' });
    } catch (error) {
      last = error;
      if (signal.aborted) break;
    }
  }
  throw postgresError(last, where);
}

/** A server that refuses one kind of connection may take the other; a wrong password is not retried. */
async function openHost(
  attempts: Attempt[],
  applicationName: string,
  where: string,
  signal: AbortSignal,
): Promise<PostgresConnection> {
  let first: PortSyncError | null = null;
  for (const attempt of attempts) {
    try {
      return await open(attempt, applicationName, where, signal);
    } catch (cause) {
      const error = postgresError(cause, where);
      first ??= error;
      if (error.code === 'database-not-allowed') first = error;
      if (error.code !== 'database-tls' && error.code !== 'database-not-allowed') throw error;
    }
  }
  throw first ?? postgresError(signal.reason, where);
}

async function open(
  attempt: Attempt,
  applicationName: string,
  where: string,
  signal: AbortSignal,
): Promise<PostgresConnection> {
  const { default: pg } = await import('pg');
  signal.throwIfAborted();
  const socket = new Socket();
  const client = new pg.Client({
    ...attempt,
    application_name: applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    stream: () => socket,
  });
  // Without a listener, a server that goes away between two queries would end the program.
  client.on('error', () => socket.destroy());
  try {
    await untilAborted(client.connect(), socket, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return new Session(client, socket, where);
}

class Session implements PostgresConnection {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #where: string;
  readonly remoteAddress: string | null;

  constructor(client: Client, socket: Socket, where: string) {
    this.#client = client;
    this.#socket = socket;
    this.#where = where;
    this.remoteAddress = socket.remoteAddress ?? null;
  }

  get alive(): boolean {
    return !this.#socket.destroyed && this.#socket.readyState === 'open';
  }

  async ask(sql: string, signal: AbortSignal): Promise<Row[][]> {
    try {
      const answer: unknown = await untilAborted(this.#client.query(sql), this.#socket, signal);
      return (Array.isArray(answer) ? answer : [answer]).map(({ rows }: { rows: Row[] }) => rows);
    } catch (error) {
      if (sqlState(error) === '') this.#socket.destroy();
      throw postgresError(error, this.#where);
    }
  }

  async close(): Promise<void> {
    if (!this.alive) return;
    const timer = setTimeout(() => this.#socket.destroy(), 1000);
    await this.#client.end().finally(() => clearTimeout(timer));
  }
}

async function inRecovery(session: PostgresConnection, signal: AbortSignal): Promise<boolean> {
  const [rows] = await session.ask('select pg_catalog.pg_is_in_recovery() as replica', signal);
  return rows?.[0]?.replica === true;
}

async function untilAborted<T>(work: Promise<T>, socket: Socket, signal: AbortSignal): Promise<T> {
  const cut = () => socket.destroy();
  signal.addEventListener('abort', cut, { once: true });
  if (signal.aborted) cut();
  try {
    return await work;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', cut);
  }
}
