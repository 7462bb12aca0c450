import type { Row } from '../connection.ts';
import type { Query } from './ask.ts';
import { moved, notExtensions, providerRoles } from './scope.ts';

/** What a database holds besides tables, that needs a word when it moves. Names. */
export interface Objects {
  largeObjects: number;
  foreignTables: string[];
  foreignServers: string[];
  eventTriggers: string[];
  publications: string[];
  /** Languages that functions are written in, without those of every server. */
  languages: string[];
  /** Functions that are a library's. */
  cFunctions: string[];
  /** Jobs of pg_cron; their text is not read. */
  cron: boolean;
}

export const objects: Query<Objects> = {
  about: 'its functions, foreign tables, triggers and large objects',
  sql: `
select (select count(*)::int from pg_largeobject_metadata) as large,
  array(select n.nspname || '.' || c.relname from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'f' and ${moved} order by 1) as foreign_tables,
  array(select srvname::text from pg_foreign_server s
    where ${notExtensions('pg_foreign_server', 's.oid')} order by 1) as servers,
  array(select evtname::text from pg_event_trigger e
    where ${notExtensions('pg_event_trigger', 'e.oid')}
      and e.evtowner not in (select oid from pg_roles where rolname in (${providerRoles}))
    order by 1) as triggers,
  array(select pubname::text from pg_publication where pubname !~ '^portsync' order by 1)
    as publications,
  array(select distinct l.lanname::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    join pg_language l on l.oid = p.prolang where l.lanname not in ('internal', 'c', 'sql', 'plpgsql')
      and ${moved} and ${notExtensions('pg_proc', 'p.oid')}) as languages,
  array(select n.nspname || '.' || p.proname from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
    where l.lanname = 'c' and ${moved} and ${notExtensions('pg_proc', 'p.oid')}) as c_functions,
  exists (select from pg_extension where extname = 'pg_cron') as cron`,
  read: ([row = {}]: Row[]) => ({
    largeObjects: Number(row.large),
    foreignTables: row.foreign_tables as string[],
    foreignServers: row.servers as string[],
    eventTriggers: row.triggers as string[],
    publications: row.publications as string[],
    languages: row.languages as string[],
    cFunctions: row.c_functions as string[],
    cron: row.cron === true,
  }),
};

export interface Subscription {
  name: string;
  enabled: boolean;
}

export const subscriptions: Query<Subscription[]> = {
  about: 'its subscriptions',
  sql: `select subname::text as name, subenabled as enabled from pg_subscription
where subdbid = (select oid from pg_database where datname = current_database())
  and subname !~ '^portsync' order by 1`,
  read: (rows: Row[]) =>
    rows.map(({ name, enabled }) => ({ name: String(name), enabled: enabled === true })),
};

/** Languages that the target has. */
export const languages: Query<string[]> = {
  about: 'its languages',
  sql: 'select lanname::text as name from pg_language',
  read: (rows: Row[]) => rows.map(({ name }) => String(name)),
};
