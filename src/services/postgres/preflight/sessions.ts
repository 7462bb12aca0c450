import type { Row } from '../connection.ts';
import type { Query } from './ask.ts';

/** Sessions of clients in the source's database that have the same name and come from one place. */
export interface Group {
  user: string;
  /** Empty where the client gives none, or the role may not see it. */
  application: string;
  /** Null: a unix socket, or hidden. */
  address: string | null;
  count: number;
}

export interface Stalling {
  pid: number;
  user: string;
  application: string;
  kind: 'long' | 'idle' | 'prepared' | 'wraparound';
  /** Since the transaction began. */
  ms: number;
  /** Of a prepared transaction. */
  gid: string | null;
}

export interface Sessions {
  groups: Group[];
  stalling: Stalling[];
  /** What others do does not show to this role; their names do. */
  hidden: boolean;
}

/** A snapshot waits for every transaction that writes; half a minute is no longer one of a web app. */
const LONG_S = 30;

export const sessions: Query<Sessions> = {
  about: 'who is connected',
  sql: `
select
  (select coalesce(json_agg(g), '[]') from (
    select usename::text as "user", coalesce(application_name, '') as application,
      host(client_addr) as address, count(*)::int as count
    from pg_stat_activity
    where datname = current_database() and usename is not null
      and coalesce(backend_type, 'client backend') = 'client backend' and pid <> pg_backend_pid() and coalesce(application_name, '') !~ '^portsync'
    group by 1, 2, 3 order by 4 desc) g) as groups,
  (select coalesce(json_agg(s), '[]') from (
    select pid, coalesce(usename::text, '') as "user", coalesce(application_name, '') as application,
      case when backend_type = 'autovacuum worker' then 'wraparound'
        when state like 'idle in transaction%' then 'idle' else 'long' end as kind,
      extract(epoch from clock_timestamp() - xact_start)::float8 * 1000 as ms, null::text as gid
    from pg_stat_activity
    where pid <> pg_backend_pid() and (
      (backend_type = 'client backend' and datname = current_database()
        and (backend_xid is not null or state like 'idle in transaction%')
        and xact_start < clock_timestamp() - interval '${LONG_S} s')
      or (backend_type = 'autovacuum worker' and datname = current_database()
        and query like '%to prevent wraparound%'))
    union all
    select 0, owner::text, '', 'prepared',
      extract(epoch from clock_timestamp() - prepared)::float8 * 1000, gid
    from pg_prepared_xacts) s) as stalling,
  exists (select from pg_stat_activity where datname = current_database()
    and usename is not null and backend_type is null) as hidden`,
  read: ([row = {}]: Row[]) => ({
    groups: row.groups as Group[],
    stalling: row.stalling as Stalling[],
    hidden: row.hidden === true,
  }),
};
