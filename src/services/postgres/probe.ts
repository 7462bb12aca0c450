import { networkInterfaces } from 'node:os';
import type { DatabaseFigures } from '../../model/database.ts';
import type { Probe } from '../../ports/probe.ts';
import { isLocalAddress } from '../database/here.ts';
import { Pace, SHARE } from '../database/pace.ts';
import { ratesBetween, type Sample } from '../database/rates.ts';
import { describeTarget } from '../database/url.ts';
import { connectPostgres, type PostgresConnection } from './connection.ts';
import { figuresOf } from './figures.ts';
import {
  askAlone,
  findRefused,
  isRefusal,
  LIMIT_MS,
  type Look,
  look,
  type OptionalPart,
} from './look.ts';
import * as size from './queries/size.ts';

const EVERY_MS = 2000;
const SIZE_EVERY_MS = 60_000;

/** Watches one PostgreSQL database over one connection, as often as its budget allows. */
export class PostgresProbe implements Probe<DatabaseFigures> {
  readonly id: string;
  readonly timeoutMs = 8000;
  readonly #url: string;
  readonly #pace = new Pace(SHARE.look, EVERY_MS);
  readonly #sizePace = new Pace(SHARE.size, SIZE_EVERY_MS);
  #connection: PostgresConnection | null = null;
  #refused: ReadonlySet<OptionalPart> = new Set();
  #before: Sample | null = null;
  /** Transactions of ours since `#before`, which are not the app's. */
  #own = 0;
  #sizeBytes: number | null = null;

  constructor(url: string) {
    this.#url = url;
    this.id = describeTarget(url).where;
  }

  get everyMs(): number {
    return this.#pace.restMs;
  }

  async read(signal: AbortSignal): Promise<DatabaseFigures> {
    const connection = await this.#connected(signal);
    const minutely = this.#sizePace.due;
    // What was refused is asked for again: it may have been granted since.
    if (minutely) this.#refused = new Set();
    const seen = await this.#look(connection, signal);
    this.#pace.spent(seen.busyMs);
    const rates = ratesBetween(this.#before, seen.server.sample, this.#own);
    this.#before = seen.server.sample;
    this.#own = 1;
    if (minutely) await this.#readSize(connection, signal);
    const { remoteAddress } = connection;
    return figuresOf(seen, rates, this.#refused, {
      where: this.id,
      here: remoteAddress === null || isLocalAddress(remoteAddress, networkInterfaces()),
      sizeBytes: this.#sizeBytes,
    });
  }

  async close(): Promise<void> {
    await this.#connection?.close();
    this.#connection = null;
  }

  async #connected(signal: AbortSignal): Promise<PostgresConnection> {
    if (!this.#connection?.alive) {
      this.#connection = null;
      this.#connection = await connectPostgres(this.#url, 'portsync', signal);
    }
    return this.#connection;
  }

  async #look(connection: PostgresConnection, signal: AbortSignal): Promise<Look> {
    try {
      return await look(connection, this.#refused, signal);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#refused = await findRefused(connection, signal);
      return look(connection, this.#refused, signal);
    }
  }

  /** A size that is refused, or takes too long, stays what it was. */
  async #readSize(connection: PostgresConnection, signal: AbortSignal): Promise<void> {
    this.#own += 1;
    try {
      const { value, busyMs } = await askAlone(connection, size, signal);
      this.#sizeBytes = value;
      this.#sizePace.spent(busyMs);
    } catch (error) {
      if (!connection.alive || signal.aborted) throw error;
      this.#sizePace.spent(LIMIT_MS);
    }
  }
}
