import type { PostgresConnection } from '../connection.ts';
import { type QualifiedName, quoted } from '../names.ts';
import { IS_USERS } from './user-objects.ts';

export interface Widened extends QualifiedName {
  /** REPLICA IDENTITY as it was: default or nothing. */
  identity: 'default' | 'nothing';
}

/** Tables, partitions too, whose changed rows the log could not name. */
const KEYLESS = `
select n.nspname as schema, c.relname as name,
  case c.relreplident when 'd' then 'default' else 'nothing' end as identity
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and ${IS_USERS} and case c.relreplident
  when 'n' then true
  when 'd' then not exists (select from pg_catalog.pg_index i where i.indrelid = c.oid and i.indisprimary)
  when 'i' then not exists (select from pg_catalog.pg_index i where i.indrelid = c.oid and i.indisreplident)
  else false end
order by 1, 2`;

/** Makes the log hold whole rows of such tables. Runs in the caller's transaction. */
export async function widenIdentities(
  connection: PostgresConnection,
  signal: AbortSignal,
): Promise<Widened[]> {
  const [rows = []] = await connection.ask(KEYLESS, signal);
  const tables = rows as unknown as Widened[];
  for (const table of tables) {
    await connection.ask(`alter table ${quoted(table)} replica identity full`, signal);
  }
  return tables;
}

/** A table that was dropped, or given another identity since, is left alone. */
export async function narrowIdentities(
  connection: PostgresConnection,
  tables: readonly Widened[],
  signal: AbortSignal,
): Promise<void> {
  const [rows = []] = await connection.ask(
    `select n.nspname as schema, c.relname as name from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relreplident = 'f'`,
    signal,
  );
  const full = new Set(rows.map((row) => quoted(row as unknown as QualifiedName)));
  for (const table of tables.filter((one) => full.has(quoted(one)))) {
    await connection.ask(`alter table ${quoted(table)} replica identity ${table.identity}`, signal);
  }
}
