import { type Dialled, dialPostgres, untilAborted } from './dial.ts';
import { postgresError, sqlState } from './errors.ts';
import type { TlsKind } from './options.ts';

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
  readonly tls: TlsKind;
  /** False once either side has closed it. */
  readonly alive: boolean;
  close(): Promise<void>;
}

/** @throws PortSyncError of the last host of `url` */
export async function connectPostgres(
  url: string,
  applicationName: string,
  signal: AbortSignal,
): Promise<PostgresConnection> {
  return new Session(await dialPostgres(url, { applicationName }, signal));
}

/** A connection for `work` alone. */
export async function withConnection<T>(
  url: string,
  signal: AbortSignal,
  work: (connection: PostgresConnection) => Promise<T>,
): Promise<T> {
  const connection = await connectPostgres(url, 'portsync', signal);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

class Session implements PostgresConnection {
  readonly #dialled: Dialled;
  readonly remoteAddress: string | null;
  readonly tls: TlsKind;

  constructor(dialled: Dialled) {
    this.#dialled = dialled;
    this.tls = dialled.tls;
    this.remoteAddress = dialled.socket.remoteAddress ?? null;
  }

  get alive(): boolean {
    const { socket } = this.#dialled;
    return !socket.destroyed && socket.readyState === 'open';
  }

  async ask(sql: string, signal: AbortSignal): Promise<Row[][]> {
    const { client, socket, where } = this.#dialled;
    try {
      const answer: unknown = await untilAborted(client.query(sql), socket, signal);
      return (Array.isArray(answer) ? answer : [answer]).map(({ rows }: { rows: Row[] }) => rows);
    } catch (error) {
      if (sqlState(error) === '') socket.destroy();
      throw postgresError(error, where);
    }
  }

  async close(): Promise<void> {
    if (!this.alive) return;
    const { client, socket } = this.#dialled;
    const timer = setTimeout(() => socket.destroy(), 1000);
    await client.end().finally(() => clearTimeout(timer));
  }
}
