import type { Row } from '../connection.ts';
import type { Query } from './ask.ts';
import { moved, notExtensions } from './scope.ts';

/** A table that holds rows: partitions each, their parents not. */
export interface Table {
  schema: string;
  name: string;
  owner: string;
  /** We own it, or are a member of who does. */
  owned: boolean;
  readable: boolean;
  unlogged: boolean;
  /** How the log tells which row an update or delete meant: a key, the whole row, or not at all. */
  identity: 'key' | 'full' | 'none';
  /** Updates and deletes that the server has counted. */
  rewritten: number;
  /** Row security; `forced` binds its owner as well. */
  rowSecurity: 'off' | 'on' | 'forced';
  tablespace: string | null;
}

/**
 * Since an identity by index counts only while that index is there, and a deferrable key never does.
 * See "Replica Identity" in PostgreSQL's manual.
 */
export const tables: Query<Table[]> = {
  about: 'its tables',
  sql: `
select n.nspname::text as schema, c.relname::text as name,
  pg_get_userbyid(c.relowner)::text as owner, pg_has_role(c.relowner, 'USAGE') as owned,
  has_table_privilege(c.oid, 'SELECT') and has_schema_privilege(n.oid, 'USAGE') as readable,
  c.relpersistence = 'u' as unlogged,
  case when c.relreplident = 'f' then 'full'
    when exists (select from pg_index i where i.indrelid = c.oid and i.indisvalid
      and i.indimmediate and case c.relreplident
        when 'd' then i.indisprimary when 'i' then i.indisreplident end) then 'key'
    else 'none' end as identity,
  (pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid))::float8 as rewritten,
  case when c.relrowsecurity and c.relforcerowsecurity then 'forced'
    when c.relrowsecurity then 'on' else 'off' end as row_security,
  (select spcname::text from pg_tablespace t where t.oid = c.reltablespace) as tablespace
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and ${moved} and ${notExtensions('pg_class', 'c.oid')}
order by 1, 2`,
  read: (rows: Row[]) =>
    rows.map((row) => ({
      schema: String(row.schema),
      name: String(row.name),
      owner: String(row.owner),
      owned: row.owned === true,
      readable: row.readable === true,
      unlogged: row.unlogged === true,
      identity: row.identity as Table['identity'],
      rewritten: Number(row.rewritten),
      rowSecurity: row.row_security as Table['rowSecurity'],
      tablespace: typeof row.tablespace === 'string' ? row.tablespace : null,
    })),
};
