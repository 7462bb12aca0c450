import pg from 'pg';
import type { TouchedTable } from '../follow/touched.ts';
import { quoted } from '../names.ts';
import { type Hash, rowText, sumSql } from './checksum.ts';
import type { Change, Whole } from './quick-plan.ts';

/** Gives what `toSum` takes. Null where nothing is to be asked. */
export function changeSql({ whole, touched, way }: Change, hash: Hash): string | null {
  const rows = `from ${whole.partitioned ? '' : 'only '}${quoted(whole)} t`;
  if (way === 'account') return null;
  if (way === 'count') return `select count(*)::float8 as rows, '0' as sum, '0' as "xor" ${rows}`;
  const where = way === 'keys' ? ` where ${keysSql(whole, touched)}` : '';
  return sumSql(rowText(whole.columns), rows + where, hash);
}

/** Keys as the arrays of their columns: one statement whatever their number, and an index serves it. */
function keysSql({ columns }: Whole, { keyColumns, keys }: TouchedTable): string {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const own = keyColumns.map((name) => `t.${pg.escapeIdentifier(name)}`).join(', ');
  const aliases = keyColumns.map((_, at) => `k${at}`).join(', ');
  const cast = keyColumns.map((name, at) => `k${at}::${types.get(name)}`).join(', ');
  const arrays = keyColumns.map((_, at) => textArray((keys ?? []).map((key) => key[at] ?? '')));
  return `(${own}) in (select ${cast} from unnest(${arrays.join(', ')}) k (${aliases}))`;
}

function textArray(values: string[]): string {
  const items = values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`);
  return `${pg.escapeLiteral(`{${items.join()}}`)}::text[]`;
}
