import type { Client, QueryResult } from 'pg';
import { type Dialled, dialPostgres, untilAborted } from '../dial.ts';
import { postgresError, sqlState } from '../errors.ts';
import { Catalog } from './catalog.ts';
import { planFor, type Tally } from './coalesce.ts';
import { mayBeOrder, RowsMissing, StartAgain, StatementFailure } from './failures.ts';
import type { Batch } from './inbox.ts';
import { type Lsn, lsnText } from './lsn.ts';
import type { Relation } from './pgoutput.ts';
import { ADVANCE, GUARD, openPosition } from './position.ts';
import { type Statement, statementFor } from './statements.ts';
import { quietTriggers } from './triggers.ts';
import { SAME_TEXT } from './wal-stream.ts';

/** A batch, ready to be sent. */
export interface Prepared {
  batch: Batch;
  statements: Statement[];
  tallies: Tally[];
  singly: boolean;
}

/**
 * Rows are found through the index of their key, also in a table that was empty when the statement was
 * planned; a plan is made once. A peer that is gone must not keep its locks for hours.
 */
const SESSION = `${SAME_TEXT};
set search_path = pg_catalog;
set synchronous_commit = on;
set statement_timeout = 0;
set lock_timeout = '20s';
set idle_in_transaction_session_timeout = 0;
set default_transaction_isolation = 'read committed';
set row_security = off;
set plan_cache_mode = force_generic_plan;
set jit = off;
set enable_hashjoin = off;
set enable_mergejoin = off;
set enable_seqscan = off;
set tcp_keepalives_idle = 10;
set tcp_keepalives_interval = 5;
set tcp_keepalives_count = 3;
set portsync.pass = 'yes'`;

interface Options {
  url: string;
  feed: string;
  /** See `openPosition`. */
  origin: string;
  initial: Lsn;
}

/** One session with the side that is written. What it applied is there, with its position, or is not. */
export class Target {
  readonly #dialled: Dialled;
  readonly #client: Client;
  readonly #catalog: Catalog;
  readonly #feed: string;
  /** Triggers do not fire, foreign keys are not looked at. */
  readonly #replica: boolean;
  readonly #names = new Map<string, string>();
  #position: Lsn;

  private constructor(dialled: Dialled, { feed }: Options, replica: boolean, position: Lsn) {
    this.#dialled = dialled;
    this.#client = dialled.client;
    this.#catalog = new Catalog(dialled.client);
    this.#feed = feed;
    this.#replica = replica;
    this.#position = position;
  }

  static async open(options: Options, signal: AbortSignal): Promise<Target> {
    const login = { applicationName: 'portsync', pipeline: true };
    const dialled = await dialPostgres(options.url, login, signal);
    const { client, socket, where } = dialled;
    const start = async () => {
      await client.query(SESSION);
      const replica = await asReplica(client);
      if (!replica) await quietTriggers(client);
      const { feed, origin, initial } = options;
      const position = await openPosition(client, feed, origin, initial);
      return new Target(dialled, options, replica, position);
    };
    try {
      return await untilAborted(start(), socket, signal);
    } catch (error) {
      socket.destroy();
      throw postgresError(error, where);
    }
  }

  get position(): Lsn {
    return this.#position;
  }

  get where(): string {
    return this.#dialled.where;
  }

  async prepare(batch: Batch, singly: boolean): Promise<Prepared> {
    const relations = new Set<Relation>();
    for (const change of batch.changes) {
      if (change.kind !== 'truncate') relations.add(change.relation);
      else for (const relation of change.relations) relations.add(relation);
    }
    await this.#catalog.lookUp(relations);
    const known = (relation: Relation) => this.#catalog.known(relation);
    const { steps, tallies } = planFor(batch.changes, known, { singly });
    const statements = steps.map(statementFor).filter((one) => one !== null);
    return { batch, statements, tallies, singly };
  }

  /** Resolves when it is on disk there. What was sent in one piece is, if it must be, sent singly. */
  async apply(prepared: Prepared): Promise<void> {
    const { batch, singly } = prepared;
    try {
      await this.#send(prepared);
    } catch (error) {
      if (singly || !mayBeOrder(error) || !batch.opens || !batch.closes) throw error;
      await this.#client.query('rollback');
      await this.#send(await this.prepare(batch, true));
    }
  }

  /** Nothing of the user's changed up to `lsn`. */
  async advance(lsn: Lsn): Promise<void> {
    const batch = { changes: [], bytes: 0, opens: true, closes: true, commitLsn: lsn, endLsn: lsn };
    await this.#send({ batch, statements: [], tallies: [], singly: false });
  }

  /** At once: what is under way is not committed, or is, and the position tells. */
  close(): void {
    this.#dialled.socket.destroy();
  }

  async #send({ batch, statements }: Prepared): Promise<void> {
    const opening = batch.opens ? [this.#client.query('begin'), this.#guard()] : [];
    const answers = statements.map((statement) => this.#run(statement));
    const closing = batch.closes ? [this.#ask(ADVANCE, batch.endLsn)] : [];
    await allOf([...opening, ...answers, ...closing]);
    if (!batch.closes) return;
    await this.#client.query('commit');
    this.#position = batch.endLsn;
  }

  async #guard(): Promise<void> {
    try {
      await this.#ask(GUARD, this.#position);
    } catch (error) {
      throw sqlState(error) === '22012'
        ? new StartAgain('the position moved', { cause: error })
        : error;
    }
  }

  #ask(statement: { name: string; text: string }, lsn: Lsn): Promise<QueryResult> {
    return this.#client.query({ ...statement, values: [this.#feed, lsnText(lsn)] });
  }

  async #run({ text, values, rows, atMost, table }: Statement): Promise<void> {
    const name = this.#names.get(text) ?? `portsync_${this.#names.size}`;
    this.#names.set(text, name);
    const found = await this.#client.query({ name, text, values }).catch((error: unknown) => {
      throw new StatementFailure(table, error);
    });
    if (rows === null || found.rowCount === rows) return;
    if (atMost && !this.#replica && (found.rowCount ?? 0) < rows) return;
    throw new StatementFailure(table, new RowsMissing(`${found.rowCount} of ${rows}`));
  }
}

/** The first failure is the one to tell: those behind it only say that the transaction has failed. */
async function allOf(answers: Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(answers);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

async function asReplica(client: Client): Promise<boolean> {
  try {
    await client.query('set session_replication_role = replica');
    return true;
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    return false;
  }
}
