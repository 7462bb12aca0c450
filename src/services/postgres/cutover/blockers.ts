import type { PostgresConnection, Row } from '../connection.ts';
import { shown } from '../names.ts';
import { shapeOfSql } from '../shape.ts';

/** A transaction that holds a lock we have to wait for. */
export interface Blocker {
  /** Null for a prepared transaction, which belongs to no session. */
  pid: string | null;
  application: string | null;
  /** Since the transaction began, ms; null where the role may not see it. */
  ms: number | null;
  /** Without anybody's data; null where the role may not see it. */
  query: string | null;
  table: string;
  /** Holds what VACUUM and autovacuum hold, which give way to who waits longer than deadlock_timeout. */
  vacuum: boolean;
}

/** EXCLUSIVE waits for every table lock but that of a plain reader. */
const blockersSql = (oids: string[]) => `
select distinct on (l.pid) l.pid, n.nspname as schema, c.relname as name, l.mode, a.application_name,
  extract(epoch from clock_timestamp() - a.xact_start)::float8 * 1000 as ms,
  left(a.query, 2000) as query, a.backend_type is null as hidden, a.backend_type
from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
  left join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'relation' and l.granted and l.mode <> 'AccessShareLock'
  and l.database = (select oid from pg_database where datname = current_database())
  and l.relation = any('{${oids.join()}}'::oid[]) and l.pid is distinct from pg_backend_pid()
order by l.pid, a.xact_start`;

export async function findBlockers(
  connection: PostgresConnection,
  oids: string[],
  signal: AbortSignal,
): Promise<Blocker[]> {
  const [rows = []] = await connection.ask(blockersSql(oids), signal);
  return rows.map(toBlocker).sort((a, b) => (b.ms ?? 0) - (a.ms ?? 0));
}

function toBlocker(row: Row): Blocker {
  const seen = row.hidden !== true;
  return {
    pid: row.pid === null ? null : String(row.pid),
    application: seen && row.application_name ? String(row.application_name) : null,
    ms: seen && row.ms !== null ? Math.round(Number(row.ms)) : null,
    query: seen ? shapeOfSql(String(row.query)) : null,
    table: shown({ schema: String(row.schema), name: String(row.name) }),
    vacuum: row.backend_type === 'autovacuum worker' || row.mode === 'ShareUpdateExclusiveLock',
  };
}

/** One line for a person who has to find and end it. */
export function describeBlocker({ pid, application, ms, query, table }: Blocker): string {
  if (pid === null) return `a prepared transaction holds ${table}`;
  const who = application === null ? `pid ${pid}` : `pid ${pid} (${application})`;
  const since = ms === null ? '' : ` for ${(ms / 1000).toFixed(1)} s`;
  return `${who} holds ${table}${since}${query ? `: ${query}` : ''}`;
}
