import pg from 'pg';
import type { PostgresConnection } from '../connection.ts';
import { readNotes } from '../follow/feed.ts';
import { quoted, shown } from '../names.ts';
import { dropTriggerSql } from './fence-sql.ts';
import { fenceOn } from './fence-state.ts';
import { OUR_SCHEMA } from './tables.ts';

/** One thing that PortSync made, or changed, in a database. */
export interface Leftover {
  /** As a person names it. */
  words: string;
  /** What undoes it; may be run again. */
  sql: string;
  /** Name of the slot to drop, since a slot in use takes more than a statement. */
  slot?: string;
  /** The publication whose comment says how to undo it, and that must go last. */
  notedIn?: string;
}

/** Slots and publications are each named so; proofs have temporary slots, which go by themselves. */
const OURS = "like 'portsync\\_%'";

const slotsSql = `select slot_name as name from pg_catalog.pg_replication_slots
where database = current_database() and not temporary and slot_name ${OURS} order by 1`;

const publicationsSql = `select pubname as name from pg_catalog.pg_publication
where pubname ${OURS} order by 1`;

const fullSql = `select n.nspname as schema, c.relname as name
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relreplident = 'f'`;

const tablesSql = `select relname as name from pg_catalog.pg_class
where relnamespace = to_regnamespace('${OUR_SCHEMA}') and relkind = 'r' order by 1`;

const functionsSql = `select proname as name from pg_catalog.pg_proc
where pronamespace = to_regnamespace('${OUR_SCHEMA}') order by 1`;

const schemaSql = `select nspname as name from pg_catalog.pg_namespace where nspname = '${OUR_SCHEMA}'`;

/** In the order in which they can be removed. `keepFence`: all but the fence and what it stands on. */
export async function findLeftovers(
  connection: PostgresConnection,
  { keepFence }: { keepFence: boolean },
  signal: AbortSignal,
): Promise<Leftover[]> {
  const names = async (sql: string) => {
    const [rows = []] = await connection.ask(sql, signal);
    return rows.map(({ name }) => String(name));
  };
  const slots = (await names(slotsSql)).map(slotLeftover);
  const feeds = await feedLeftovers(connection, await names(publicationsSql), signal);
  const tables = (await names(tablesSql)).map((name) => ({
    words: `table ${OUR_SCHEMA}.${name}`,
    sql: `drop table if exists ${quoted({ schema: OUR_SCHEMA, name })}`,
  }));
  if (keepFence) return [...slots, ...feeds, ...tables];
  const { fenced } = await fenceOn(connection, [], signal);
  const triggers = fenced.map((table) => ({
    words: `trigger on ${shown(table)} that refuses writes`,
    sql: dropTriggerSql(table),
  }));
  const functions = (await names(functionsSql)).map((name) => ({
    words: `function ${OUR_SCHEMA}.${name}`,
    sql: `drop function if exists ${quoted({ schema: OUR_SCHEMA, name })}`,
  }));
  const schemas = (await names(schemaSql)).map((name) => ({
    words: `schema ${name}`,
    sql: `drop schema if exists ${pg.escapeIdentifier(name)}`,
  }));
  return [...slots, ...feeds, ...triggers, ...tables, ...functions, ...schemas];
}

function slotLeftover(name: string): Leftover {
  const sql = `select pg_drop_replication_slot(${pg.escapeLiteral(name)})`;
  return { words: `replication slot ${name}, which keeps log`, sql, slot: name };
}

/** Publications, each after the tables whose REPLICA IDENTITY was changed for it. */
async function feedLeftovers(
  connection: PostgresConnection,
  publications: string[],
  signal: AbortSignal,
): Promise<Leftover[]> {
  const [rows = []] = await connection.ask(fullSql, signal);
  const full = new Set(
    rows.map((row) => quoted({ schema: String(row.schema), name: String(row.name) })),
  );
  const found: Leftover[] = [];
  for (const name of publications) {
    const notes = await readNotes(connection, name, signal);
    for (const table of notes?.widened.filter((one) => full.has(quoted(one))) ?? []) {
      const words = `REPLICA IDENTITY FULL of ${shown(table)}`;
      const sql = `alter table ${quoted(table)} replica identity ${table.identity}`;
      found.push({ words, sql, notedIn: name });
    }
    const sql = `drop publication if exists ${pg.escapeIdentifier(name)}`;
    found.push({ words: `publication ${name}`, sql, notedIn: name });
  }
  return found;
}
