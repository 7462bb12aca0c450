import type { PostgresConnection, Row } from '../connection.ts';
import { OF_THE_USER, type TableFilter } from '../cutover/tables.ts';
import type { QualifiedName } from '../names.ts';

/** How a column takes part: as the server writes it, as a number, or not at all. */
export type ColumnForm = 'text' | 'number' | 'none';

export interface ProofColumn {
  name: string;
  /** As SQL names it, with its schema where it is not the system's. */
  type: string;
  form: ColumnForm;
}

/** A table or partition that holds rows itself. Unlogged ones are not followed, and not compared. */
export interface ProofTable extends QualifiedName {
  /** The partitioned table at the top; the table itself where there is none. */
  root: QualifiedName;
  /** On disk, without indexes. */
  bytes: number;
  columns: ProofColumn[];
}

/**
 * aclitem names roles, which are each server's own. "char" beyond ASCII reads otherwise from version
 * 16 on.
 */
const FORM = `case when a.atttypid in ('aclitem'::regtype, 'aclitem[]'::regtype) then 'none'
  when a.atttypid = '"char"'::regtype then 'number' else 'text' end`;

const columnsOf = (relation: string) => `
select json_agg(json_build_object('name', a.attname, 'form', ${FORM},
    'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
from pg_attribute a where a.attrelid = ${relation} and a.attnum > 0 and not a.attisdropped`;

const tablesSql = `
select n.nspname as schema, c.relname as name, pg_table_size(c.oid)::float8 as bytes,
  rn.nspname as root_schema, r.relname as root_name, (${columnsOf('c.oid')}) as columns
from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_class r on r.oid = coalesce(pg_partition_root(c.oid), c.oid)
join pg_namespace rn on rn.oid = r.relnamespace
where c.relkind = 'r' and c.relpersistence = 'p' and ${OF_THE_USER}
order by n.nspname collate "C", c.relname collate "C"`;

export async function readProofTables(
  connection: PostgresConnection,
  include: TableFilter,
  signal: AbortSignal,
): Promise<ProofTable[]> {
  const [rows = []] = await connection.ask(tablesSql, signal);
  return rows.map(toTable).filter(include);
}

function toTable(row: Row): ProofTable {
  return {
    schema: String(row.schema),
    name: String(row.name),
    root: { schema: String(row.root_schema), name: String(row.root_name) },
    bytes: Number(row.bytes),
    columns: (row.columns ?? []) as ProofColumn[],
  };
}

/** The tables as far as it is read in a moment. */
export async function readSizes(
  connection: PostgresConnection,
  include: TableFilter,
  signal: AbortSignal,
): Promise<Array<Omit<ProofTable, 'root' | 'columns'>>> {
  const [rows = []] = await connection.ask(sizesSql, signal);
  return rows
    .map((row) => ({
      schema: String(row.schema),
      name: String(row.name),
      bytes: Number(row.bytes),
    }))
    .filter(include);
}

const sizesSql = `
select n.nspname as schema, c.relname as name, pg_table_size(c.oid)::float8 as bytes
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and c.relpersistence = 'p' and ${OF_THE_USER}`;

export async function readEncoding(
  connection: PostgresConnection,
  signal: AbortSignal,
): Promise<string> {
  const [[row] = []] = await connection.ask('select getdatabaseencoding() as encoding', signal);
  return String(row?.encoding);
}
