import type { QualifiedName } from '../names.ts';
import type { Session } from './session.ts';

/** A relation of the source as its catalog has it. */
export interface Relation extends QualifiedName {
  oid: number;
  /** relkind: r table, p partitioned table, m materialized view, f foreign table. */
  kind: 'r' | 'p' | 'm' | 'f';
  unlogged: boolean;
  /** Of a partition: the oid of the table that it is a part of, at any depth. */
  root: number | null;
  /** Of an extension, which makes it at the target. */
  owned: boolean;
  /** A materialized view that holds rows. */
  populated: boolean;
  bytes: number;
  pages: number;
  /** What each of its indexes takes to build, by its name; in bytes that are read as fast. */
  indexCosts: Record<string, number>;
  /** Quoted, without generated ones; null where none is left. */
  columns: string | null;
  types: number[];
}

const RELATIONS = `
select c.oid::int8::float8 as oid, n.nspname as schema, c.relname as name, c.relkind as kind,
  c.relpersistence = 'u' as unlogged, c.relispopulated as populated,
  case when c.relispartition then pg_partition_root(c.oid)::oid::int8::float8 end as root,
  exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
    and d.deptype = 'e') as owned,
  case when c.relkind in ('r', 'm') then coalesce(pg_table_size(c.oid), 0)::float8 else 0 end as bytes,
  case when c.relkind = 'r'
    then coalesce(pg_relation_size(c.oid), 0) / current_setting('block_size')::int else 0
  end::float8 as pages,
  coalesce((select jsonb_object_agg(ic.relname,
      -- Equal keys are stored once, and yet sorted one by one.
      greatest(pg_relation_size(i.indexrelid), 24 * c.reltuples)
      * case am.amname when 'gin' then 4 when 'gist' then 4 when 'spgist' then 4 when 'brin' then 0.1 else 1 end)
    from pg_index i join pg_class ic on ic.oid = i.indexrelid join pg_am am on am.oid = ic.relam
    where i.indrelid = c.oid), '{}') as "indexCosts",
  a.columns, coalesce(a.types, '{}') as types
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select string_agg(quote_ident(attname), ', ' order by attnum) as columns,
    array_agg(atttypid::int8::float8) as types
  from pg_attribute
  where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '') a
where c.relkind in ('r', 'p', 'm', 'f') and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'portsync')
order by n.nspname, c.relname`;

export function readRelations(source: Session, signal: AbortSignal): Promise<Relation[]> {
  return source.query<Relation & Record<string, unknown>>(RELATIONS, signal);
}

/** Whose rows are copied: partitions and children each on their own. */
export function copiedTables(relations: readonly Relation[]): Relation[] {
  return relations.filter(({ kind, owned }) => kind === 'r' && !owned);
}
