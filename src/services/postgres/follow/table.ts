import pg from 'pg';
import type { QualifiedName } from '../names.ts';
import { quoted, shown } from '../names.ts';
import type { Relation } from './pgoutput.ts';

/** smallint, integer, bigint */
const WHOLE_NUMBERS = new Set([21, 23, 20]);

export interface Column {
  /** As the catalog has it, and as SQL takes it. */
  plain: string;
  name: string;
  /** As SQL takes it, with its modifier. */
  type: string;
  /** `read`: the server computes it. `insert`: an identity that only an insert may give. */
  write: 'always' | 'insert' | 'read';
}

/** How a relation of the source is written at the other side. Columns are in the relation's order. */
export interface Table {
  name: QualifiedName;
  /** As a person reads it. */
  shown: string;
  /** The table that it is a partition of, or itself. */
  root: QualifiedName;
  /** As statements take it; `only`, so that tables that inherit from it are left alone. */
  sql: string;
  only: string;
  columns: Column[];
  /** Columns that name a row; none: rows are found by all that is in them. */
  key: number[];
  /** Whether that is one column of whole numbers. */
  wholeKey: boolean;
  /** The operator of equality for each column of the key, that of its index. */
  equals: string[];
  /** Parents come before the tables that refer to them. */
  rank: number;
}

export interface CatalogColumn {
  name: string;
  type: string;
  generated: boolean;
  identity: 'a' | 'd' | '';
}

export interface CatalogKey {
  primary: boolean;
  /** Whether NULL is kept out of every column. */
  solid: boolean;
  names: string[];
  equals: string[];
}

/** What the other side's catalog says of a table. */
export interface CatalogTable {
  root: QualifiedName;
  columns: CatalogColumn[];
  /** Unique, immediate, without a predicate. */
  keys: CatalogKey[];
}

/** @returns the names of columns that the other side does not have, when there are such. */
export function tableFor(
  relation: Relation,
  catalog: CatalogTable,
  rank: number,
): Table | { missing: string[] } {
  const known = new Map(catalog.columns.map((column) => [column.name, column]));
  const missing = relation.columns.map(({ name }) => name).filter((name) => !known.has(name));
  if (missing.length > 0) return { missing };
  const name = { schema: relation.schema, name: relation.name };
  const { key, equals } = keyFor(relation, catalog.keys);
  const columns = relation.columns.map((column) => columnFor(known.get(column.name)));
  const sql = quoted(name);
  const said = { name, root: catalog.root, shown: shown(name), sql, only: `only ${sql}` };
  const [first] = key;
  const type = key.length === 1 && first !== undefined ? relation.columns[first]?.type : undefined;
  const wholeKey = type !== undefined && WHOLE_NUMBERS.has(type);
  return { ...said, columns, key, wholeKey, equals, rank };
}

function columnFor(column: CatalogColumn | undefined): Column {
  const { name = '', type = '', generated = false, identity = '' } = column ?? {};
  const write = generated ? 'read' : identity === 'a' ? 'insert' : 'always';
  return { plain: name, name: pg.escapeIdentifier(name), type, write };
}

/** The columns that the source names rows by; with identity full, the best key of the other side. */
function keyFor(relation: Relation, keys: CatalogKey[]): Pick<Table, 'key' | 'equals'> {
  const names = relation.columns.map((column) => column.name);
  if (relation.identity === 'f') {
    const usable = keys.filter(
      (key) => key.solid && key.names.every((name) => names.includes(name)),
    );
    const best = usable.find((key) => key.primary) ?? usable[0];
    if (!best) return { key: [], equals: [] };
    return { key: best.names.map((name) => names.indexOf(name)), equals: best.equals };
  }
  const key = names.flatMap((_, i) => (relation.columns[i]?.key ? [i] : []));
  const wanted = key.map((i) => names[i] ?? '');
  const index = keys.find(
    (one) => one.names.length === wanted.length && wanted.every((name) => one.names.includes(name)),
  );
  const equals = wanted.map((name) => index?.equals[index.names.indexOf(name)] ?? '=');
  return { key, equals };
}
