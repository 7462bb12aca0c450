import type { Row } from '../connection.ts';

/** The oldest prepared transaction of this database: it belongs to no session, and stays for ever. */
export const sql = `
select gid, extract(epoch from clock_timestamp() - prepared)::float8 * 1000 as ms
from pg_prepared_xact()
where dbid = (select oid from pg_database where datname = current_database())
order by prepared limit 1`;

export interface Prepared {
  gid: string;
  ms: number;
}

export function read([row]: Row[]): Prepared | null {
  return row ? { gid: String(row.gid), ms: Number(row.ms) } : null;
}
