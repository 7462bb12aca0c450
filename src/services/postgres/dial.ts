import { Socket } from 'node:net';
import type { Client } from 'pg';
import type { PortSyncError } from '../../errors.ts';
import { haveMoved } from '../database/addresses.ts';
import { describeTarget } from '../database/url.ts';
import { postgresError } from './errors.ts';
import { type Attempt, attemptsFor, type TlsKind, tlsKind, wantsPrimary } from './options.ts';
import { RereadingSocket } from './wire/socket.ts';

export interface DialOptions {
  applicationName: string;
  /** Speak the replication protocol, which takes simple queries only. */
  replication?: boolean;
  /** Send queries without waiting for the answers to those before. */
  pipeline?: boolean;
}

/** The driver's own client, logged in, for what `PostgresConnection` does not do. */
export interface Dialled {
  client: Client;
  /** The plain socket; destroying it ends the session at once. TLS, where there is any, is inside. */
  socket: Socket;
  /** host:port/name */
  where: string;
  tls: TlsKind;
}

/**
 * Tries every host of `url` in turn, with and without TLS as its sslmode allows; again where one has
 * moved meanwhile.
 * @throws PortSyncError of the last host
 */
export async function dialPostgres(
  url: string,
  options: DialOptions,
  signal: AbortSignal,
): Promise<Dialled> {
  try {
    return await dialHosts(url, options, signal);
  } catch (error) {
    const hosts = describeTarget(url).hosts.map(({ host }) => host);
    if (signal.aborted || !(await haveMoved(hosts, signal))) throw error;
    return dialHosts(url, options, signal);
  }
}

async function dialHosts(url: string, options: DialOptions, signal: AbortSignal): Promise<Dialled> {
  const { where } = describeTarget(url);
  const primary = wantsPrimary(url);
  let last: unknown = signal.reason;
  for (const attempts of attemptsFor(url)) {
    try {
      const dialled = await dialHost(attempts, options, where, signal);
      if (!primary || !(await inRecovery(dialled, signal))) return dialled;
      dialled.socket.destroy();
      last = Object.assign(new Error('It is a replica.'), { code: '25006' });
    } catch (error) {
      last = error;
      if (signal.aborted) break;
    }
  }
  throw postgresError(last, where);
}

/** A server that refuses one kind of connection may take the other; a wrong password is not retried. */
async function dialHost(
  attempts: Attempt[],
  options: DialOptions,
  where: string,
  signal: AbortSignal,
): Promise<Dialled> {
  let first: PortSyncError | null = null;
  for (const attempt of attempts) {
    try {
      return { ...(await login(attempt, options, signal)), where, tls: tlsKind(attempt) };
    } catch (cause) {
      const error = postgresError(cause, where);
      first ??= error;
      if (error.code === 'database-not-allowed') first = error;
      if (error.code !== 'database-tls' && error.code !== 'database-not-allowed') throw error;
    }
  }
  throw first ?? postgresError(signal.reason, where);
}

async function login(
  attempt: Attempt,
  { applicationName, replication, pipeline = false }: DialOptions,
  signal: AbortSignal,
): Promise<Omit<Dialled, 'where' | 'tls'>> {
  const { default: pg } = await import('pg');
  signal.throwIfAborted();
  const socket = attempt.ssl === false ? new RereadingSocket() : new Socket();
  const client = new pg.Client({
    ...attempt,
    application_name: applicationName,
    ...(replication ? { replication: 'database' } : {}),
    pipeline,
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
  return { client, socket };
}

async function inRecovery({ client, socket }: Dialled, signal: AbortSignal): Promise<boolean> {
  const sql = 'select pg_catalog.pg_is_in_recovery() as replica';
  const { rows } = await untilAborted(client.query(sql), socket, signal);
  return rows[0]?.replica === true;
}

/** The server has nothing to notice an abort by but the end of the connection. */
export async function untilAborted<T>(
  work: Promise<T>,
  socket: Socket,
  signal: AbortSignal,
): Promise<T> {
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
