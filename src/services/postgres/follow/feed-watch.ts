import type { PostgresConnection } from '../connection.ts';
import { dropSlot, type FeedNotes, look, readNotes } from './feed.ts';
import { defaultBudget, type FeedHealth, healthOf } from './health.ts';
import { literal } from './literal.ts';
import { feedLost, overBudget, schemaChanged } from './problems.ts';
import type { SideLine } from './side-line.ts';
import { differences, STRUCTURE_DIGEST } from './structure.ts';

/** Looks after the source while it is followed: its log, and the shape of its tables. */
export class FeedWatch {
  readonly #line: SideLine;
  readonly #feed: string;
  #limit: number | null;
  #notes: FeedNotes | null = null;
  /** Of a structure that was found equal to the notes. */
  #digest = '';

  constructor(line: SideLine, feed: string, keptLimitBytes: number | null) {
    this.#line = line;
    this.#feed = feed;
    this.#limit = keptLimitBytes;
  }

  /** @throws PortSyncError `schema-changed` when it is not what it was when the feed was made. */
  checkStructure(): Promise<void> {
    return this.#line.use(async (connection, signal) => {
      const [rows] = await connection.ask(STRUCTURE_DIGEST, signal);
      const digest = String(rows?.[0]?.digest);
      if (digest === this.#digest) return;
      this.#notes ??= await this.#readNotes(connection, signal);
      const found = differences(this.#notes.structure, await look(connection, signal));
      if (found.length > 0) throw schemaChanged(found);
      this.#digest = digest;
    });
  }

  /** @throws PortSyncError when the log is lost, or so much is kept that the slot had to go. */
  checkHealth(): Promise<FeedHealth> {
    return this.#line.use(async (connection, signal) => {
      const health = await healthOf(connection, this.#feed, signal);
      if (health.state !== 'ok') throw feedLost(null);
      this.#limit ??= await defaultBudget(connection, signal);
      if (health.keptBytes <= this.#limit) return health;
      await dropSlot(connection, this.#feed, signal);
      throw overBudget(health.keptBytes, this.#limit);
    });
  }

  /** Ends who reads the slot: a process of ours that died, and whose end the server has not noticed. */
  async freeSlot(): Promise<void> {
    const slot = `pg_catalog.pg_replication_slots where slot_name = ${literal(this.#feed)} and active`;
    await this.#line.ask(`select pg_catalog.pg_terminate_backend(active_pid) from ${slot}`);
  }

  /** Differs between servers, and between two feeds of one name. */
  async origin(): Promise<string> {
    const [rows] = await this.#line.ask(
      `select pg_catalog.concat_ws(' ', (select system_identifier from pg_catalog.pg_control_system()), oid) as origin
       from pg_catalog.pg_publication where pubname = ${literal(this.#feed)}`,
    );
    if (!rows?.length) throw feedLost(null);
    return String(rows[0]?.origin);
  }

  async #readNotes(connection: PostgresConnection, signal: AbortSignal): Promise<FeedNotes> {
    const notes = await readNotes(connection, this.#feed, signal);
    if (!notes) throw feedLost(null);
    return notes;
  }
}
