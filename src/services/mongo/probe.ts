import { networkInterfaces } from 'node:os';
import type { DatabaseFigures } from '../../model/database.ts';
import type { Probe } from '../../ports/probe.ts';
import { isLocalAddress } from '../database/here.ts';
import { Pace, SHARE } from '../database/pace.ts';
import { type Rates, ratesBetween, type Sample } from '../database/rates.ts';
import { type DatabaseTarget, describeTarget } from '../database/url.ts';
import { APP_NAME, LIMIT_MS } from './commands.ts';
import type { MongoConnection } from './connection.ts';
import { figuresOf } from './figures.ts';
import { type Look, type OptionalPart, Round } from './look.ts';

const EVERY_MS = 2000;
const SIZE_EVERY_MS = 60_000;
/** Of one look: it is a read, of what runs. */
const OWN = 1;

/** Watches one MongoDB database over one connection, as often as its budget allows. */
export class MongoProbe implements Probe<DatabaseFigures> {
  readonly id: string;
  readonly timeoutMs = 8000;
  readonly #url: string;
  readonly #target: DatabaseTarget;
  readonly #pace = new Pace(SHARE.look, EVERY_MS);
  readonly #sizePace = new Pace(SHARE.size, SIZE_EVERY_MS);
  readonly #refused = new Set<OptionalPart>();
  #connection: MongoConnection | null = null;
  #wasPrimary = false;
  #version = '';
  #before: Sample | null = null;
  #sizeBytes: number | null = null;

  constructor(url: string) {
    this.#url = url;
    this.#target = describeTarget(url);
    this.id = this.#target.where;
  }

  get everyMs(): number {
    return this.#pace.restMs;
  }

  async read(signal: AbortSignal): Promise<DatabaseFigures> {
    const connection = await this.#connected(signal);
    const minutely = this.#sizePace.due;
    // What was refused is asked for again: it may have been granted since.
    if (minutely) this.#refused.clear();
    const round = new Round(connection, this.#refused, signal);
    const look = await round.look();
    this.#pace.spent(look.busyMs);
    if (minutely) await this.#readSize(connection, round, signal);
    this.#followPrimary(connection, look.primary);
    const { remoteAddress } = connection;
    return figuresOf(look, this.#rates(look), this.#refused, this.#target.user, {
      version: this.#version,
      where: this.id,
      here: remoteAddress === null || isLocalAddress(remoteAddress, networkInterfaces()),
      sizeBytes: this.#sizeBytes,
    });
  }

  async close(): Promise<void> {
    this.#connection?.close();
    this.#connection = null;
  }

  async #connected(signal: AbortSignal): Promise<MongoConnection> {
    if (!this.#connection?.alive) {
      this.#connection = null;
      // Late, since the driver takes a while to load.
      const { connectMongo } = await import('./connection.ts');
      this.#connection = await connectMongo(this.#url, APP_NAME, signal);
      const { version } = await this.#connection.run('admin', { buildInfo: 1 }, signal);
      this.#version = String(version);
    }
    return this.#connection;
  }

  /** A member that has lost its place keeps its connections: the next look finds the new primary. */
  #followPrimary(connection: MongoConnection, primary: boolean): void {
    if (this.#wasPrimary && !primary) connection.close();
    this.#wasPrimary = primary;
  }

  #rates({ status }: Look): Rates {
    if (!status) return { transactionsPerSecond: null, cacheHitPercent: null };
    const rates = ratesBetween(this.#before, status.sample, OWN);
    this.#before = status.sample;
    return rates;
  }

  /** A size that is refused, or takes too long, stays what it was. */
  async #readSize(connection: MongoConnection, round: Round, signal: AbortSignal): Promise<void> {
    const before = round.busyMs;
    try {
      this.#sizeBytes = await round.size();
      this.#sizePace.spent(round.busyMs - before);
    } catch (error) {
      if (!connection.alive || signal.aborted) throw error;
      this.#sizePace.spent(LIMIT_MS);
    }
  }
}
