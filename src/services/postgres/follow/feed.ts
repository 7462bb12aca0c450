import pg from 'pg';
import { type PostgresConnection, withConnection } from '../connection.ts';
import { quoted } from '../names.ts';
import { narrowIdentities, type Widened, widenIdentities } from './identity.ts';
import { literal } from './literal.ts';
import { STRUCTURE, type Structure, structureOf } from './structure.ts';
import { IS_PUBLISHED } from './user-objects.ts';

/** Kept as the comment of the publication, so that it goes where the publication goes. */
export interface FeedNotes {
  /** Tables whose REPLICA IDENTITY was changed for the feed, with what it was. */
  widened: Widened[];
  /** What the database looked like when the feed was made, or last accepted. */
  structure: Structure;
}

/**
 * The publication that a slot named alike reads, of every table of the user's. It has to be there
 * before the slot. A list, and not FOR ALL TABLES, even where that is allowed: it leaves out what
 * extensions own, and a table made later, which could lack a key, keeps taking updates.
 * Partitions are published each by its own name: they are copied so, each with its own position, and
 * the truncation of one would not be told otherwise. Tables without a key get REPLICA IDENTITY FULL:
 * published as they are, they would refuse updates.
 */
export async function publish(url: string, name: string, signal: AbortSignal): Promise<void> {
  await withConnection(url, signal, async (connection) => {
    const notes = await readNotes(connection, name, signal);
    if (!notes) await publishNow(connection, name, null, signal);
  });
}

/** Publication and slot: changes are kept from here on. Call it while nobody writes. */
export async function createFeed(url: string, name: string, signal: AbortSignal): Promise<void> {
  await withConnection(url, signal, async (connection) => {
    const slot = `from pg_catalog.pg_replication_slots where slot_name = ${literal(name)}`;
    const [there = []] = await connection.ask(`select ${slot}`, signal);
    if (there.length > 0) return;
    // A publication of an earlier turn knows neither the tables of today nor this slot.
    await publishNow(connection, name, await readNotes(connection, name, signal), signal);
    const create = `pg_catalog.pg_create_logical_replication_slot(${literal(name)}, 'pgoutput')`;
    await connection.ask(`select ${create}`, signal);
  });
}

/** Between making it and its comment there is no death that leaves a publication without notes. */
async function publishNow(
  connection: PostgresConnection,
  name: string,
  before: FeedNotes | null,
  signal: AbortSignal,
): Promise<void> {
  await connection.ask("begin; set local lock_timeout = '5s'", signal);
  const widened = [...(before?.widened ?? []), ...(await widenIdentities(connection, signal))];
  const id = pg.escapeIdentifier(name);
  if (before) await connection.ask(`drop publication ${id}`, signal);
  const tables = await userTables(connection, signal);
  const list = tables.length > 0 ? `for table ${tables.join(', ')}` : '';
  await connection.ask(`create publication ${id} ${list}`, signal);
  const structure = await look(connection, signal);
  await writeNotes(connection, name, { widened, structure }, signal);
  await connection.ask('commit', signal);
}

/** Leaves the tables as they were found. Nothing that is gone already is missed. */
export async function dropFeed(url: string, name: string, signal: AbortSignal): Promise<void> {
  await withConnection(url, signal, async (connection) => {
    await dropSlot(connection, name, signal);
    const notes = await readNotes(connection, name, signal);
    if (!notes) return;
    await narrowIdentities(connection, notes.widened, signal);
    await connection.ask(`drop publication if exists ${pg.escapeIdentifier(name)}`, signal);
  });
}

/** Ends the session that reads it first, if there is one: a slot in use cannot be dropped. */
export async function dropSlot(
  connection: PostgresConnection,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const slot = `pg_catalog.pg_replication_slots where slot_name = ${literal(name)}`;
  for (;;) {
    const [rows] = await connection.ask(`select active_pid from ${slot}`, signal);
    if (!rows?.length) return;
    try {
      await connection.ask(
        `select pg_catalog.pg_terminate_backend(active_pid) from ${slot} and active_pid is not null;
         select pg_catalog.pg_sleep(0.1);
         select pg_catalog.pg_drop_replication_slot(slot_name) from ${slot} and active_pid is null`,
        signal,
      );
    } catch (error) {
      if (!inUseOrGone(error)) throw error;
    }
  }
}

export async function readNotes(
  connection: PostgresConnection,
  name: string,
  signal: AbortSignal,
): Promise<FeedNotes | null> {
  const sql = `select pg_catalog.obj_description(oid, 'pg_publication') as notes
    from pg_catalog.pg_publication where pubname = ${literal(name)}`;
  const [rows] = await connection.ask(sql, signal);
  const text = rows?.[0]?.notes;
  if (!rows?.length) return null;
  return typeof text === 'string' ? JSON.parse(text) : { widened: [], structure: {} };
}

export async function writeNotes(
  connection: PostgresConnection,
  name: string,
  notes: FeedNotes,
  signal: AbortSignal,
): Promise<void> {
  const id = pg.escapeIdentifier(name);
  const sql = `comment on publication ${id} is ${literal(JSON.stringify(notes))}`;
  await connection.ask(sql, signal);
}

export async function look(
  connection: PostgresConnection,
  signal: AbortSignal,
): Promise<Structure> {
  const [rows = []] = await connection.ask(STRUCTURE, signal);
  return structureOf(rows);
}

async function userTables(connection: PostgresConnection, signal: AbortSignal): Promise<string[]> {
  const sql = `select n.nspname as schema, c.relname as name from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace where ${IS_PUBLISHED} order by 1, 2`;
  const [rows = []] = await connection.ask(sql, signal);
  return rows.map((row) => quoted({ schema: String(row.schema), name: String(row.name) }));
}

function inUseOrGone(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  const code = cause instanceof Error && 'code' in cause ? cause.code : '';
  return code === '55006' || code === '42704';
}
