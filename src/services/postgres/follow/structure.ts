import type { Row } from '../connection.ts';
import { shown } from '../names.ts';
import { IS_USERS } from './user-objects.ts';

/** What each table, type and function looks like: name as a person reads it → digest. */
export type Structure = Record<string, string>;

/**
 * Everything whose change would make the copy differ, without what analyze, vacuum, grants or statistics
 * targets touch. Reads catalog rows as they stand; what pg_get_indexdef and its like cost every few
 * seconds would be felt. An index that is being built, and so comes and goes, is left out.
 */
const PARTS = `
with tables as (
  select c.oid, n.nspname as schema, c.relname as name, c.relkind, c.relispartition
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'S') and ${IS_USERS}
), parts as (
  select schema, name, 'a' as kind, pg_catalog.concat_ws(' ', relkind, relispartition) as part from tables
  union all
  select schema, name, 'b', pg_catalog.concat_ws(' ', a.attnum, a.attname, a.atttypid, a.atttypmod,
    a.attnotnull, a.attidentity, a.attgenerated, a.attcollation, d.adbin)
  from tables t join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  union all
  select schema, name, 'c', pg_catalog.concat_ws(' ', c.relname, i.indkey, i.indclass, i.indisunique,
    i.indisprimary, i.indpred, i.indexprs)
  from tables t join pg_catalog.pg_index i on i.indrelid = t.oid and i.indisvalid and i.indisready
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  union all
  select schema, name, 'd', pg_catalog.concat_ws(' ', k.conname, k.contype, k.conkey, k.confrelid, k.confkey,
    k.confupdtype, k.confdeltype, k.condeferrable, k.convalidated, k.conbin)
  from tables t join pg_catalog.pg_constraint k on k.conrelid = t.oid
  union all
  select n.nspname, p.proname, 'e', pg_catalog.concat_ws(' ', p.proargtypes, p.prorettype, p.prokind, p.prosrc,
    p.probin)
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where n.nspname not in ('information_schema', 'portsync') and n.nspname !~ '^pg_'
    and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
      and d.objid = p.oid and d.deptype = 'e')
  union all
  select n.nspname, y.typname, 'f', pg_catalog.concat_ws(' ', e.enumsortorder, e.enumlabel)
  from pg_catalog.pg_enum e join pg_catalog.pg_type y on y.oid = e.enumtypid
  join pg_catalog.pg_namespace n on n.oid = y.typnamespace
), objects as (
  select schema, name, pg_catalog.md5(pg_catalog.string_agg(part, '|' order by kind, part)) as digest
  from parts group by schema, name
)`;

/** One digest of it all, for a look every few seconds. */
export const STRUCTURE_DIGEST = `${PARTS}
select pg_catalog.md5(pg_catalog.string_agg(schema || '.' || name || digest, '|' order by schema, name)) as digest
from objects`;

export const STRUCTURE = `${PARTS} select schema, name, digest from objects order by schema, name`;

export function structureOf(rows: readonly Row[]): Structure {
  const named = rows.map(({ schema, name, digest }) => [
    shown({ schema: String(schema), name: String(name) }),
    String(digest),
  ]);
  return Object.fromEntries(named);
}

export interface Difference {
  object: string;
  what: 'appeared' | 'disappeared' | 'changed';
}

export function differences(before: Structure, now: Structure): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.flatMap((object): Difference[] => {
    if (before[object] === now[object]) return [];
    if (before[object] === undefined) return [{ object, what: 'appeared' }];
    return [{ object, what: now[object] === undefined ? 'disappeared' : 'changed' }];
  });
}
