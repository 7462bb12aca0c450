import type { ReplicationLag } from '../../../model/database.ts';
import { oneLine } from '../../database/text.ts';
import type { Row } from '../connection.ts';

/**
 * Slots, those who stream (with or without one), and on a replica its own distance. The position
 * is asked for only where there is a row (the condition in the lateral part ties it to one): some
 * managed servers refuse the function altogether. Columns younger than version 12 come out of JSON.
 */
export const sql = `
select
  coalesce(
    s.slot_name,
    (select nullif(application_name, '') from pg_stat_get_activity(r.pid)),
    'pid ' || r.pid
  ) as name,
  case when to_jsonb(s)->>'wal_status' = 'lost' then 'lost'
    when r.pid is not null then coalesce(r.state, 'connected')
    when s.active then 'active' else 'inactive' end as state,
  pg_wal_lsn_diff(here.lsn, coalesce(r.replay_lsn, s.confirmed_flush_lsn))::float8 as lag_bytes,
  extract(epoch from r.replay_lag)::float8 * 1000 as lag_ms,
  pg_wal_lsn_diff(here.lsn, s.restart_lsn)::float8 as retained_bytes,
  r.pid is not null and r.state is null as hidden
from pg_get_replication_slots() s
full join pg_stat_get_wal_senders() r on r.pid = s.active_pid
cross join lateral (
  select case when pg_is_in_recovery() then pg_last_wal_receive_lsn()
    else pg_current_wal_lsn() end as lsn
  where coalesce(s.slot_name::text, r.pid::text) is not null
) here
union all
select 'this replica', coalesce(w.status, 'not streaming'),
  pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::float8,
  case when w.status is not null and pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
    else extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float8 * 1000 end,
  null, false
from (select 1 where pg_is_in_recovery()) replica
left join pg_stat_get_wal_receiver() w on true
order by lag_bytes desc nulls last
limit 50`;

export interface Replication {
  lags: ReplicationLag[];
  /** True when the role may not see how far the others are. */
  hidden: boolean;
}

export function read(rows: Row[]): Replication {
  return {
    lags: rows.map((row) => {
      const lagBytes = atLeast0(row.lag_bytes);
      return {
        name: oneLine(String(row.name), 60),
        state: String(row.state),
        lagBytes,
        // The server gives no time once everything has been replayed and nothing new came.
        lagMs: atLeast0(row.lag_ms) ?? (lagBytes === 0 ? 0 : null),
        retainedBytes: atLeast0(row.retained_bytes),
      };
    }),
    hidden: rows.some((row) => row.hidden === true),
  };
}

/** Whole; a position may move on between two readings of it in one query. */
function atLeast0(value: unknown): number | null {
  return typeof value === 'number' ? Math.max(0, Math.round(value)) : null;
}
