/**
 * What the person made, in SQL over pg_class `c` and pg_namespace `n`: no system tables, nothing that
 * belongs to an extension, nothing of PortSync's own, nothing that ends with a session.
 */
export const IS_USERS = `
  n.nspname not in ('information_schema', 'portsync') and n.nspname !~ '^pg_'
  and c.relpersistence = 'p'
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e'
  )`;

/** Tables that are published: a partition is so through its root. */
export const IS_PUBLISHED = `c.relkind in ('r', 'p') and not c.relispartition and ${IS_USERS}`;
