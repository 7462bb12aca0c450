import type { Client } from 'pg';
import { PortSyncError } from '../../../errors.ts';
import { type QualifiedName, quoted, shown } from '../names.ts';
import type { Relation } from './pgoutput.ts';
import { type CatalogColumn, type CatalogKey, type Table, tableFor } from './table.ts';

const COLUMNS = `
select a.attname as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
  a.attgenerated <> '' as generated, a.attidentity as identity,
  n.nspname as root_schema, r.relname as root_name
from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_class r on r.oid = coalesce(pg_catalog.pg_partition_root(c.oid), c.oid)
join pg_catalog.pg_namespace n on n.oid = r.relnamespace
where c.oid = pg_catalog.to_regclass($1) and a.attnum > 0 and not a.attisdropped`;

const KEYS = `
select i.indisprimary as primary, pg_catalog.bool_and(a.attnotnull) as solid,
  pg_catalog.array_agg(a.attname::text order by k.n) as names,
  pg_catalog.array_agg(pg_catalog.format('operator(%I.%s)', n.nspname, o.oprname) order by k.n) as equals
from pg_catalog.pg_index i
cross join lateral unnest((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1],
  (i.indclass::pg_catalog.oid[])[0:i.indnkeyatts - 1]) with ordinality as k(att, class, n)
join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.att
join pg_catalog.pg_opclass c on c.oid = k.class
join pg_catalog.pg_amop m on m.amopfamily = c.opcfamily and m.amopstrategy = 3
  and m.amoplefttype = c.opcintype and m.amoprighttype = c.opcintype
join pg_catalog.pg_operator o on o.oid = m.amopopr
join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
where i.indrelid = pg_catalog.to_regclass($1) and i.indisunique and i.indimmediate and i.indisvalid
  and i.indpred is null and i.indexprs is null
group by i.indexrelid, i.indisprimary order by i.indisprimary desc, i.indexrelid`;

const REFERENCES = `
select pg_catalog.format('%s.%s', cn.nspname, c.relname) as child,
  pg_catalog.format('%s.%s', pn.nspname, p.relname) as parent
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace
join pg_catalog.pg_class p on p.oid = k.confrelid join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
where k.contype = 'f' and k.conparentid = 0`;

interface ColumnRow extends CatalogColumn {
  root_schema: string;
  root_name: string;
}

/** Asks the other side, once, how each relation is to be written there. */
export class Catalog {
  readonly #client: Client;
  readonly #tables = new Map<Relation, Table>();
  #ranks: Map<string, number> | null = null;

  constructor(client: Client) {
    this.#client = client;
  }

  known(relation: Relation): Table {
    const table = this.#tables.get(relation);
    if (!table) throw new Error(`relation ${relation.name} was not looked up`);
    return table;
  }

  /**
   * Asks for all of them at once: while the log pours in, each answer is long in coming.
   * @throws PortSyncError `schema-changed`
   */
  async lookUp(relations: Iterable<Relation>): Promise<void> {
    const unknown = [...relations].filter((relation) => !this.#tables.has(relation));
    if (unknown.length === 0) return;
    const [ranks, ...tables] = await Promise.all([
      this.#ranks ?? this.#readRanks(),
      ...unknown.map((relation) => this.#ask(relation)),
    ]);
    this.#ranks = ranks;
    for (const [i, relation] of unknown.entries()) {
      const [columns = [], keys = []] = tables[i] ?? [];
      this.#tables.set(relation, found(relation, columns, keys, ranks));
    }
  }

  async #ask(relation: Relation): Promise<[ColumnRow[], CatalogKey[]]> {
    const name = quoted(relation);
    const [columns, keys] = await Promise.all([
      this.#client.query<ColumnRow>(COLUMNS, [name]),
      this.#client.query<CatalogKey>(KEYS, [name]),
    ]);
    return [columns.rows, keys.rows];
  }

  async #readRanks(): Promise<Map<string, number>> {
    const { rows } = await this.#client.query<Reference>(REFERENCES);
    return ranksOf(rows);
  }
}

function found(
  relation: Relation,
  columns: ColumnRow[],
  keys: CatalogKey[],
  ranks: Map<string, number>,
): Table {
  const [first] = columns;
  if (!first) throw missingTable(relation);
  const root = { schema: first.root_schema, name: first.root_name };
  const rank = ranks.get(`${root.schema}.${root.name}`) ?? 0;
  const table = tableFor(relation, { root, columns, keys }, rank);
  if ('missing' in table) throw missingColumns(relation, table.missing);
  return table;
}

export interface Reference {
  child: string;
  parent: string;
}

/** How far each table is from one that refers to none; a circle is cut where it closes. */
export function ranksOf(references: readonly Reference[]): Map<string, number> {
  const parents = new Map<string, string[]>();
  for (const { child, parent } of references) {
    if (child !== parent) parents.set(child, [...(parents.get(child) ?? []), parent]);
  }
  const ranks = new Map<string, number>();
  const rankOf = (name: string): number => {
    const known = ranks.get(name);
    if (known !== undefined) return known;
    ranks.set(name, 0);
    const rank = Math.max(-1, ...(parents.get(name) ?? []).map(rankOf)) + 1;
    ranks.set(name, rank);
    return rank;
  };
  for (const name of parents.keys()) rankOf(name);
  return ranks;
}

const AGAIN =
  'Apply the same change there and resume, accepting the change; or abort and start the migration again.';

function missingTable(relation: QualifiedName): PortSyncError {
  return new PortSyncError({
    code: 'schema-changed',
    message: `The other side has no table ${shown(relation)}.`,
    why: 'Rows of it change where the app runs, and there is nowhere to put them.',
    next: AGAIN,
  });
}

function missingColumns(relation: QualifiedName, columns: string[]): PortSyncError {
  return new PortSyncError({
    code: 'schema-changed',
    message: `The other side’s ${shown(relation)} lacks ${columns.join(', ')}.`,
    why: 'The table was changed on one side only.',
    next: AGAIN,
  });
}
