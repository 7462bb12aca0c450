import type { RunningQuery } from '../../../model/database.ts';
import type { Row } from '../connection.ts';
import { shapeOfSql } from '../shape.ts';

/**
 * Who is connected, and what runs in this database. One look at pg_stat_activity feeds it all.
 *
 * A role that may not see another's session gets its line without backend_type. Locks are seen by
 * everybody, but reading them all is dear, so that way is taken only for hidden sessions. For the
 * same reason pg_blocking_pids is asked for twenty of those that wait.
 */
export const sql = `
with session as materialized (
  select pid, state, query, xact_start, query_start,
    backend_type is null as hidden,
    coalesce(backend_type, 'client backend') = 'client backend' as client,
    wait_event_type = 'Lock' as waits,
    datid = (select oid from pg_database where datname = current_database()) as here
  from pg_stat_activity
  where datid is not null and usesysid is not null
), waiting as materialized (
  select pid, pg_blocking_pids(pid) as blocked_by
  from session where here and waits order by query_start limit 20
), prepared as materialized (
  select gid, ${ms('prepared')} as ms
  from pg_prepared_xacts where database = current_database() order by prepared limit 1
), slow as (
  select session.pid, ${ms('query_start')} as ms, left(query, 2000) as text, blocked_by
  from session left join waiting using (pid)
  where here and client and state = 'active' and session.pid <> pg_backend_pid()
    and query_start < clock_timestamp() - interval '1 second'
  order by query_start limit 20
), blocker as (
  select pid, ${ms('coalesce(xact_start, query_start)')} as ms,
    case when hidden then null else left(query, 2000) end as text, null::int[] as blocked_by
  from session
  where pid in (select unnest(blocked_by) from waiting) and pid not in (select pid from waiting)
  union all
  select 0, ms, 'prepare transaction ' || quote_ident(gid), null
  from prepared where exists (select from waiting where 0 = any (blocked_by))
  order by ms desc limit 20
)
select
  (select count(*) from session where client)::int as used,
  (select count(*) from session where client and hidden)::int as hidden,
  (select count(*) from session where here and waits)::int
    + case when exists (select from session where hidden) then (
        select count(distinct l.pid) from pg_locks l join session s using (pid)
        where not l.granted and s.hidden and s.here
      )::int else 0 end as blocked,
  greatest(
    (select max(${ms('xact_start')}) from session
     where here and client and pid <> pg_backend_pid()),
    (select ms from prepared)
  ) as longest_ms,
  (select coalesce(json_agg(slow), '[]') from slow) as slow,
  (select coalesce(json_agg(blocker), '[]') from blocker) as blockers`;

export interface Activity {
  used: number;
  /** Client sessions whose queries the role may not see. */
  hidden: number;
  blocked: number;
  longestTransactionMs: number | null;
  slow: RunningQuery[];
  blockers: RunningQuery[];
}

interface Session {
  pid: number;
  ms: number | null;
  text: string | null;
  blocked_by: number[] | null;
}

export function read([row = {}]: Row[]): Activity {
  const hidden = Number(row.hidden);
  const longest = row.longest_ms as number | null;
  return {
    used: Number(row.used),
    hidden,
    blocked: Number(row.blocked),
    longestTransactionMs: longest === null ? (hidden > 0 ? null : 0) : Math.round(longest),
    slow: (row.slow as Session[]).map(toQuery),
    blockers: (row.blockers as Session[]).map(toQuery),
  };
}

function toQuery({ pid, ms, text, blocked_by }: Session): RunningQuery {
  return {
    id: String(pid),
    ms: Math.round(ms ?? 0),
    text: text === null ? 'hidden' : shapeOfSql(text),
    blockedBy: (blocked_by ?? []).map(String),
  };
}

function ms(since: string): string {
  return `extract(epoch from clock_timestamp() - ${since})::float8 * 1000`;
}
