import { passThrough } from '../wire/pass-through.ts';
import { LARGE_OBJECTS, markCopied } from './record.ts';
import type { Session } from './session.ts';

const PIECE_BYTES = 1024 * 1024;
/** INV_READ of PostgreSQL's large object interface; 2 is SEEK_END. */
const SIZE = 'pg_catalog.lo_lseek64(pg_catalog.lo_open(m.oid, 262144), 0, 2)';

const OUT = `copy (
  select m.oid, piece, pg_catalog.lo_get(m.oid, piece * ${PIECE_BYTES}::bigint, ${PIECE_BYTES})
  from pg_catalog.pg_largeobject_metadata m
  cross join lateral pg_catalog.generate_series(0, (${SIZE} - 1) / ${PIECE_BYTES}) piece
) to stdout (format binary)`;

const ENSURE =
  'create temporary table if not exists portsync_pieces (id oid, piece bigint, data bytea)';

const UNPACK = `
select pg_catalog.lo_create(id) from pg_temp.portsync_pieces where piece = 0;
select pg_catalog.lo_put(id, piece * ${PIECE_BYTES}::bigint, data)
  from pg_temp.portsync_pieces where data <> ''`;

/**
 * Copies all large objects under their numbers, in pieces, with no right but to read them; in one
 * transaction. Changes of them are in no replication stream: what is written later stays behind.
 */
export async function copyLargeObjects(
  source: Session,
  target: Session,
  lsn: string,
  signal: AbortSignal,
): Promise<void> {
  const any = 'select exists (select from pg_catalog.pg_largeobject_metadata) as found';
  const [row] = await source.query<{ found: boolean }>(any, signal);
  if (!row?.found) return;
  await target.query(ENSURE, signal);
  const passage = {
    ...{ from: source.dialled, to: target.dialled, onBytes: () => {} },
    out: `savepoint portsync; ${OUT}; rollback to savepoint portsync`,
    into: `copy pg_temp.portsync_pieces from stdin (format binary);
      ${UNPACK}; drop table pg_temp.portsync_pieces; ${markCopied(LARGE_OBJECTS, lsn)}`,
  };
  await passThrough(passage, signal);
}
