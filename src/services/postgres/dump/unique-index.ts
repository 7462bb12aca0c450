import { words } from './sql-scan.ts';

/**
 * Splits the making of a primary key or unique constraint in two: building the index, which other
 * builds on the table may run beside, and making the constraint of it, which takes a moment. Any
 * other statement, and a key that no plain index can serve, comes back as it is.
 */
export function byIndex(statement: string): string[] {
  const all = words(statement);
  const add = all.indexOf('ADD');
  if (all[0] !== 'ALTER' || all[1] !== 'TABLE' || all[add + 1] !== 'CONSTRAINT') return [statement];
  const [name = '', ...definition] = all.slice(add + 2, -1);
  const key = parseKey(definition);
  if (!key) return [statement];
  const table = all
    .slice(2, add)
    .filter((word) => word !== 'ONLY')
    .join('');
  const index = [...key.columns, ...key.include, ...key.nulls, ...key.storage].join(' ');
  const attributes = key.attributes.map((word) => ` ${word}`).join('');
  return [
    `CREATE UNIQUE INDEX ${name} ON ${table} USING btree ${index};`,
    `ALTER TABLE ONLY ${table} ADD CONSTRAINT ${name} ${key.kind} USING INDEX ${name}${attributes};`,
  ];
}

interface Key {
  kind: 'PRIMARY KEY' | 'UNIQUE';
  nulls: string[];
  columns: string[];
  include: string[];
  storage: string[];
  /** DEFERRABLE and the like. */
  attributes: string[];
}

/** `UNIQUE NULLS NOT DISTINCT (a) INCLUDE (b) WITH (fillfactor='70') DEFERRABLE`, without the quotes' trap. */
function parseKey(definition: readonly string[]): Key | null {
  const primary = definition[0] === 'PRIMARY' && definition[1] === 'KEY';
  if (!primary && definition[0] !== 'UNIQUE') return null;
  const left = definition.slice(primary ? 2 : 1);
  const nulls = left.splice(0, left.indexOf('('));
  const columns = takeGroup(left);
  const include = left[0] === 'INCLUDE' ? [...left.splice(0, 1), ...takeGroup(left)] : [];
  const storage = left[0] === 'WITH' ? [...left.splice(0, 1), ...takeGroup(left)] : [];
  // Periods (WITHOUT OVERLAPS) are kept by another kind of index.
  if (columns.includes('WITHOUT') || left[0] === 'USING') return null;
  const kind = primary ? 'PRIMARY KEY' : 'UNIQUE';
  return { kind, nulls, columns, include, storage, attributes: left };
}

/** Removes `( … )` from the front and gives it. */
function takeGroup(left: string[]): string[] {
  let depth = 0;
  const end = left.findIndex((word) => {
    depth += word === '(' ? 1 : word === ')' ? -1 : 0;
    return depth === 0;
  });
  return left.splice(0, end + 1);
}
