import type { Sample } from '../../database/rates.ts';
import type { Row } from '../connection.ts';

/** The server itself, and the counters of this database since they were last reset. */
export const sql = `
select
  current_setting('server_version') as version,
  current_setting('max_connections')::int as max_connections,
  current_user::text as role,
  extract(epoch from statement_timestamp())::float8 * 1000 as at_ms,
  (xact_commit + xact_rollback)::float8 as transactions,
  blks_hit::float8 as cache_hits,
  blks_read::float8 as cache_misses
from pg_stat_database
where datname = current_database()`;

export interface Server {
  version: string;
  maxConnections: number;
  role: string;
  sample: Sample;
}

export function read([row = {}]: Row[]): Server {
  return {
    // A distribution writes its package's name behind the number.
    version: String(row.version ?? '').replace(/ .*/, ''),
    maxConnections: Number(row.max_connections),
    role: String(row.role),
    sample: {
      atMs: Number(row.at_ms),
      transactions: Number(row.transactions),
      cacheHits: Number(row.cache_hits),
      cacheMisses: Number(row.cache_misses),
    },
  };
}
