import type { ProofObject } from '../../../model/migration.ts';
import type { QualifiedName } from '../names.ts';
import { type Hash, sumSql, toSum } from './checksum.ts';
import { toObject } from './objects.ts';
import { WHOLE_BYTES } from './quick-plan.ts';
import type { SessionPair } from './session.ts';

/** Stands for all of them among the tables. */
export const LARGE_OBJECTS: QualifiedName = { schema: 'public', name: 'large objects' };

const PIECE = 2 ** 20;

/** Piece by piece, since one may hold 4 TB. Read by functions: only superusers may read their table. */
const PIECES = `from pg_largeobject_metadata m cross join lateral (
  with recursive piece (at, bytes) as (
    select 0::int8, lo_get(m.oid, 0, ${PIECE})
    union all
    select at + ${PIECE}, lo_get(m.oid, at + ${PIECE}, ${PIECE}) from piece
    where length(bytes) = ${PIECE}
  )
  select at, bytes from piece
) t`;

/** Rows are pieces of 1 MiB: an object has one at least. */
export function largeObjectsSql(hash: Hash): string {
  return sumSql('row(m.oid, t.at, t.bytes)::text', PIECES, hash);
}

/** The same shape, of their numbers alone. */
function numbersSql(hash: Hash): string {
  return sumSql('m.oid::text', 'from pg_largeobject_metadata m', hash);
}

const sizeSql = "select pg_relation_size('pg_catalog.pg_largeobject')::float8 as bytes";

/** None where there are none. */
export async function compareLargeObjects(
  { source, target }: SessionPair,
  hash: Hash,
  signal: AbortSignal,
): Promise<ProofObject[]> {
  const [[row] = []] = await source.ask(sizeSql, signal);
  const whole = Number(row?.bytes) <= WHOLE_BYTES;
  const sql = whole ? largeObjectsSql(hash) : numbersSql(hash);
  const [here, there] = await Promise.all(
    [source, target].map(async (side) => toSum((await side.ask(sql, signal))[0]?.[0])),
  );
  if (!here || !there || here.rows + there.rows === 0) return [];
  const object = toObject(LARGE_OBJECTS.name, here, there);
  return [whole ? object : { ...object, checksum: null }];
}
