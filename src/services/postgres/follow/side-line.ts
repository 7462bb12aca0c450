import { connectPostgres, type PostgresConnection, type Row } from '../connection.ts';
import { type Lsn, parseLsn } from './lsn.ts';

const LIMIT_MS = 20_000;
/** The application's own defaults may make its sessions read-only, or commit without waiting. */
const SESSION = `set search_path = pg_catalog; set default_transaction_read_only = off;
set synchronous_commit = local; set statement_timeout = '15s'`;

/** A second connection to the source, for questions beside the stream; one at a time, opened on need. */
export class SideLine {
  readonly #url: string;
  #connection: PostgresConnection | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(url: string) {
    this.#url = url;
  }

  /** Runs `work` when those before it are done. */
  use<T>(work: (connection: PostgresConnection, limit: AbortSignal) => Promise<T>): Promise<T> {
    const next = this.#last.then(async () => {
      const limit = AbortSignal.timeout(LIMIT_MS);
      return work(await this.#connected(limit), limit);
    });
    this.#last = next.catch(() => {});
    return next;
  }

  ask(sql: string): Promise<Row[][]> {
    return this.use((connection, limit) => connection.ask(sql, limit));
  }

  /**
   * Writes a message into the source's log and gives its place. A transactional one is on disk, and on
   * its way, when this resolves; the other costs nothing and comes with the next writes.
   */
  async mark(transactional: boolean): Promise<Lsn> {
    const sql = `select pg_catalog.pg_logical_emit_message(${transactional}, 'portsync', '') as lsn`;
    const [rows] = await this.ask(sql);
    return parseLsn(String(rows?.[0]?.lsn));
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  async #connected(limit: AbortSignal): Promise<PostgresConnection> {
    if (!this.#connection?.alive) {
      this.#connection = null;
      const connection = await connectPostgres(this.#url, 'portsync', limit);
      await connection.ask(SESSION, limit);
      this.#connection = connection;
    }
    return this.#connection;
  }
}
