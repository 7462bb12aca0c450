import pg from 'pg';
import { type PostgresConnection, withConnection } from '../connection.ts';

/**
 * Every object that somebody made in this database and that can be dropped by itself, as DROP takes
 * it. What extensions own, what the server came with, and the schema `portsync` are left out.
 */
const OBJECTS = `
with found (class, oid) as (
  select 'pg_namespace'::regclass, n.oid from pg_namespace n where ${named('n.nspname')}
  union all
  select 'pg_class'::regclass, c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'c') and ${named('n.nspname')}
  union all
  select 'pg_proc'::regclass, p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where ${named('n.nspname')}
  union all
  select 'pg_type'::regclass, t.oid from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where t.typrelid = 0 and t.typcategory <> 'A' and ${named('n.nspname')}
  union all
  select 'pg_operator'::regclass, o.oid from pg_operator o
    join pg_namespace n on n.oid = o.oprnamespace where ${named('n.nspname')}
  union all
  select 'pg_collation'::regclass, c.oid from pg_collation c
    join pg_namespace n on n.oid = c.collnamespace where ${named('n.nspname')}
  union all
  select 'pg_ts_config'::regclass, c.oid from pg_ts_config c
    join pg_namespace n on n.oid = c.cfgnamespace where ${named('n.nspname')}
  union all
  select 'pg_ts_dict'::regclass, d.oid from pg_ts_dict d
    join pg_namespace n on n.oid = d.dictnamespace where ${named('n.nspname')}
  union all select 'pg_extension'::regclass, oid from pg_extension
  union all select 'pg_foreign_server'::regclass, oid from pg_foreign_server
  union all select 'pg_event_trigger'::regclass, oid from pg_event_trigger
  union all select 'pg_publication'::regclass, oid from pg_publication where pubname !~ '^portsync'
)
select o.type, o.identity from found, pg_identify_object(class, found.oid, 0) o
where not exists (select from pg_depend d
  where d.classid = class and d.objid = found.oid and d.deptype in ('e', 'i'))
union all select 'large object', oid::text from pg_largeobject_metadata`;

function named(column: string): string {
  return `${column} !~ '^pg_' and ${column} not in ('information_schema', 'portsync')`;
}

/** Remembers, once, what was at the target before anything was copied there. */
export async function rememberWhatIsThere(target: string, signal: AbortSignal): Promise<void> {
  await withConnection(target, signal, async (connection) => {
    if (await isRemembered(connection, signal)) return;
    await connection.ask(
      `begin; create schema if not exists portsync;
       create table portsync.before as ${OBJECTS}; commit`,
      signal,
    );
  });
}

/** Drops what was made at the target since then. May be repeated. */
export async function dropWhatCame(target: string, signal: AbortSignal): Promise<void> {
  await withConnection(target, signal, async (connection) => {
    if (!(await isRemembered(connection, signal))) return;
    const [rows = []] = await connection.ask(`${OBJECTS} except table portsync.before`, signal);
    for (const row of rows) {
      await connection.ask(dropSql(String(row.type), String(row.identity)), signal);
    }
  });
}

/** One that an earlier CASCADE has taken along is not missed. */
function dropSql(type: string, identity: string): string {
  if (type !== 'large object') {
    return `drop ${type === 'composite type' ? 'type' : type} if exists ${identity} cascade`;
  }
  return `select lo_unlink(oid) from pg_largeobject_metadata where oid = ${pg.escapeLiteral(identity)}`;
}

async function isRemembered(connection: PostgresConnection, signal: AbortSignal): Promise<boolean> {
  const sql = "select to_regclass('portsync.before') is not null as there";
  const [rows] = await connection.ask(sql, signal);
  return rows?.[0]?.there === true;
}
