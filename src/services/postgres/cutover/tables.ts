import type { PostgresConnection, Row } from '../connection.ts';
import { type QualifiedName, quoted } from '../names.ts';

/** The schema that everything of ours is in. */
export const OUR_SCHEMA = 'portsync';

/** Which tables are moved; a provider's own are not. */
export type TableFilter = (table: QualifiedName) => boolean;

export const everyTable: TableFilter = () => true;

/** A table that a client can write to: ordinary, partitioned, or a partition; logged or not. */
export interface UserTable extends QualifiedName {
  oid: string;
  mayLock: boolean;
  mayFence: boolean;
}

/** Condition on `pg_class c join pg_namespace n`: nobody's but the user's. */
export const OF_THE_USER = `n.nspname !~ '^pg_' and n.nspname not in ('information_schema', '${OUR_SCHEMA}')
  and not exists (
    select from pg_depend d
    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )`;

/** In an order that is the same for everybody, so that two who lock them all do not deadlock. */
export const sql = `
select c.oid::text as oid, n.nspname as schema, c.relname as name,
  has_table_privilege(c.oid, 'update, delete, truncate') as may_lock,
  has_table_privilege(c.oid, 'trigger') as may_fence
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and c.relpersistence <> 't' and ${OF_THE_USER}
order by n.nspname collate "C", c.relname collate "C"`;

export function read(rows: Row[], include: TableFilter): UserTable[] {
  return rows
    .map((row) => ({
      oid: String(row.oid),
      schema: String(row.schema),
      name: String(row.name),
      mayLock: row.may_lock === true,
      mayFence: row.may_fence === true,
    }))
    .filter(include);
}

export async function userTables(
  connection: PostgresConnection,
  include: TableFilter,
  signal: AbortSignal,
): Promise<UserTable[]> {
  const [rows = []] = await connection.ask(sql, signal);
  return read(rows, include);
}

export function sameTables(some: UserTable[], others: UserTable[]): boolean {
  const key = (tables: UserTable[]) => tables.map((t) => `${t.oid} ${quoted(t)}`).join();
  return key(some) === key(others);
}
