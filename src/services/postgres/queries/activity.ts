import type { Row } from '../connection.ts';

/**
 * Every session that is doing something, and how many there are. Read from the function beneath
 * pg_stat_activity, since to plan the joins of the views takes longer than to run them.
 *
 * A role that may not see another's session gets its line without backend_type. Locks are seen by
 * everybody, but reading them all is dear: that way is taken only for hidden sessions. For the same
 * reason pg_blocking_pids is asked for twenty of those that wait.
 */
export const sql = `
select pid, here and client as ours, here and waits as waits, hidden, state, used, hidden_used,
  pid = pg_backend_pid() as self,
  extract(epoch from clock_timestamp() - xact_start)::float8 * 1000 as transaction_ms,
  extract(epoch from clock_timestamp() - query_start)::float8 * 1000 as query_ms,
  left(query, 2000) as query,
  case when waits and here and place <= 20 then pg_blocking_pids(pid) end as blocked_by
from (
  select *,
    count(*) filter (where client) over () as used,
    count(*) filter (where client and hidden) over () as hidden_used,
    row_number() over (partition by waits and here order by query_start) as place
  from (
    select pid, state, query, xact_start, query_start,
      backend_type is null as hidden,
      coalesce(backend_type, 'client backend') = 'client backend' as client,
      datid = (select oid from pg_database where datname = current_database()) as here,
      case when backend_type is not null then coalesce(wait_event_type = 'Lock', false)
        else pid in (select pid from pg_lock_status() where not granted) end as waits
    from pg_stat_get_activity(null)
    where datid is not null and usesysid is not null
  ) session
) counted
where state is distinct from 'idle'`;

/** A session that is not idle. Times in ms. */
export interface Session {
  id: string;
  /** A client's, in this database. */
  ours: boolean;
  /** It is us. */
  self: boolean;
  /** For a lock, in this database. */
  waits: boolean;
  active: boolean;
  transactionMs: number | null;
  queryMs: number | null;
  /** Null where the role may not see it. */
  query: string | null;
  blockedBy: string[];
}

export interface Sessions {
  sessions: Session[];
  /** Connections of clients to the whole server, idle ones as well. */
  used: number;
  /** Those of them whose queries the role may not see. */
  hidden: number;
}

export function read(rows: Row[]): Sessions {
  return {
    sessions: rows.map((row) => ({
      id: String(row.pid),
      ours: row.ours === true,
      self: row.self === true,
      waits: row.waits === true,
      active: row.state === 'active',
      transactionMs: row.transaction_ms as number | null,
      queryMs: row.query_ms as number | null,
      query: row.hidden === true ? null : String(row.query),
      blockedBy: ((row.blocked_by ?? []) as number[]).map(String),
    })),
    used: Number(rows[0]?.used ?? 0),
    hidden: Number(rows[0]?.hidden_used ?? 0),
  };
}
