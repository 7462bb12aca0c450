import pg from 'pg';
import { askPostgres } from './postgres.ts';

/** Of every table alone: how many rows, and a sum of hashes that no order changes. */
export async function rowsOf(url: string): Promise<Record<string, string>> {
  const tables = await askPostgres(
    url,
    `select quote_ident(nspname) || '.' || quote_ident(relname) as name
     from pg_class c join pg_namespace n on n.oid = relnamespace
     where relkind in ('r', 'm') and relispopulated and nspname !~ '^pg_' and relpersistence <> 't'
       and nspname not in ('information_schema', 'portsync') order by 1`,
  );
  const sum = "count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)";
  const queries = tables.map(
    ({ name }) => `select ${pg.escapeLiteral(name)} as name, ${sum} as sum from only ${name} t`,
  );
  const rows =
    queries.length > 0 ? await askPostgres(url, `${queries.join(' union all ')} order by 1`) : [];
  const sums = Object.fromEntries(rows.map((row) => [row.name, row.sum]));
  const [large] = await askPostgres(
    url,
    `select string_agg(oid || ' ' || md5(lo_get(oid)), ',' order by oid) as all
     from pg_largeobject_metadata`,
  );
  sums['large objects'] = large.all;
  return sums;
}
