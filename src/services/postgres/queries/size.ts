import type { Row } from '../connection.ts';

/** Asks the file system for the size of every file of the database: dear where there are many. */
export const sql = 'select pg_database_size(current_database())::float8 as bytes';

export function read([row = {}]: Row[]): number {
  return Number(row.bytes);
}
