import type { Row } from '../connection.ts';

/** Goes last: how long the server has been busy with the message, without the way to it. */
export const sql = `
select extract(epoch from clock_timestamp() - statement_timestamp())::float8 * 1000 as busy_ms`;

export function read([row = {}]: Row[]): number {
  return Number(row.busy_ms);
}
