import type { Tie } from '../dump/steps.ts';
import type { Session } from './session.ts';

/**
 * A dump leaves these out, as they come by themselves with the key of the whole; keys that refer to a
 * partitioned table have further ones for its partitions, which are none of these.
 */
const TIES = `
with recursive parts(root, oid) as (
  select k.oid, k.oid from pg_constraint k
  join pg_class c on c.oid = k.conrelid join pg_class referred on referred.oid = k.confrelid
  where k.contype = 'f' and k.conparentid = 0 and k.convalidated
    and c.relkind = 'p' and referred.relkind = 'r'
  union all
  select parts.root, k.oid from parts join pg_constraint k on k.conparentid = parts.oid
)
select rn.nspname as "rootSchema", r.relname as "rootName", root.conname as of,
  n.nspname as schema, c.relname as table, k.conname as name, pg_get_constraintdef(k.oid) as definition
from parts
join pg_constraint root on root.oid = parts.root
join pg_class r on r.oid = root.conrelid join pg_namespace rn on rn.oid = r.relnamespace
join pg_constraint k on k.oid = parts.oid
join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and k.convalidated
order by pg_relation_size(c.oid) desc, n.nspname, c.relname, k.conname`;

/** The foreign keys of single partitions that belong to one of the whole table; the largest first. */
export async function readTies(source: Session, signal: AbortSignal): Promise<Tie[]> {
  const rows = await source.query<Record<string, string>>(TIES, signal);
  return rows.map(({ rootSchema = '', rootName = '', of = '', schema = '', ...part }) => ({
    root: { schema: rootSchema, name: rootName },
    of,
    table: { schema, name: part.table ?? '' },
    name: part.name ?? '',
    definition: part.definition ?? '',
  }));
}
