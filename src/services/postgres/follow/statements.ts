import type { Step, UpdateStep } from './coalesce.ts';
import type { Column, Table } from './table.ts';
import { Columns } from './text-array.ts';
import type { Tuple } from './tuple.ts';

export interface Statement {
  text: string;
  /** One text[] a column, in PostgreSQL's binary form. */
  values: Buffer[];
  /** How many rows it must find; null where it makes no sense to count. */
  rows: number | null;
  /** Where triggers fire, rows may be gone already with those that they referred to. */
  atMost: boolean;
  table: Table;
}

/**
 * The SQL of one step. A value travels as the text the source printed and is read by an explicit cast, so
 * that any type passes, arrays and the user's own too. Null: nothing to write.
 */
export function statementFor(step: Step): Statement | null {
  switch (step.kind) {
    case 'insert':
      return insert(step.table, step.rows);
    case 'update':
      return step.table.key.length > 0 ? update(step) : updateOne(step);
    case 'delete':
      return step.table.key.length > 0
        ? remove(step.table, step.rows)
        : removeOne(step.table, step.rows);
    case 'truncate':
      return truncate(step.tables, step.restartIdentity);
    case 'empty':
      return unchecked(`delete from ${step.table.only}`, step.table);
  }
}

function insert(table: Table, rows: Tuple[]): Statement {
  const at = columnsWhere(table, ({ write }) => write !== 'read');
  const names = at.map((i) => column(table, i).name).join(', ');
  const read = at.map((i, n) => `v.c${n}::${column(table, i).type}`).join(', ');
  const values = columnsOf(table, rows);
  return {
    text: `insert into ${table.sql} (${names}) overriding system value select ${read} from ${list(at.length, 'c')}`,
    values: at.map((i) => values.textArray(i)),
    rows: rows.length,
    atMost: false,
    table,
  };
}

function update({ table, rows, keys, kept, rekeys }: UpdateStep): Statement | null {
  const at = setColumns(table, kept, rekeys);
  const fixed = columnsWhere(table, ({ write }) => write === 'insert').filter(
    (i) => !table.key.includes(i) && !kept.includes(i),
  );
  if (at.length === 0) return null;
  const sets = at.map(
    (i, n) => `${column(table, i).name} = v.c${n + table.key.length}::${column(table, i).type}`,
  );
  const checks = fixed.map((i, n) => {
    const { name, type } = column(table, i);
    return ` and t.${name} = v.c${n + table.key.length + at.length}::${type}`;
  });
  const params = table.key.length + at.length + fixed.length;
  const values = columnsOf(table, rows);
  return {
    text: `update ${table.only} as t set ${sets.join(', ')} from ${list(params, 'c')} where ${matches(table)}${checks.join('')}`,
    values: [...keyArrays(table, keys), ...[...at, ...fixed].map((i) => values.textArray(i))],
    rows: rows.length,
    atMost: false,
    table,
  };
}

function remove(table: Table, rows: Tuple[]): Statement {
  return {
    text: `delete from ${table.only} as t using ${list(table.key.length, 'c')} where ${matches(table)}`,
    values: keyArrays(table, rows),
    rows: rows.length,
    atMost: true,
    table,
  };
}

/** One of the rows that are like this one, as a table without a key has it. */
function updateOne({ table, rows, keys, kept }: UpdateStep): Statement | null {
  const at = setColumns(table, kept, true);
  if (at.length === 0) return null;
  const like = alike(table);
  const [before, after] = [columnsOf(table, keys), columnsOf(table, rows)];
  const sets = at.map((i, n) => {
    const { name, type } = column(table, i);
    return `${name} = ($${like.columns.length + n + 1}::text[])[1]::${type}`;
  });
  return {
    text: `update ${table.only} set ${sets.join(', ')} where (tableoid, ctid) = ${like.text}`,
    values: [...like.columns.map((i) => before.textArray(i)), ...at.map((i) => after.textArray(i))],
    rows: 1,
    atMost: false,
    table,
  };
}

function removeOne(table: Table, rows: Tuple[]): Statement {
  const like = alike(table);
  const values = columnsOf(table, rows);
  return {
    text: `delete from ${table.only} where (tableoid, ctid) = ${like.text}`,
    values: like.columns.map((i) => values.textArray(i)),
    rows: 1,
    atMost: true,
    table,
  };
}

/** Compared as text: not every type has an equality, and both sides are printed by the same server. */
function alike(table: Table): { text: string; columns: number[] } {
  const columns = columnsWhere(table, ({ write }) => write !== 'read');
  const same = columns.map((i, n) => {
    const { name, type } = column(table, i);
    return `${name}::text is not distinct from ($${n + 1}::text[])[1]::${type}::text`;
  });
  const where = same.length > 0 ? same.join(' and ') : 'true';
  return { text: `(select tableoid, ctid from ${table.only} where ${where} limit 1)`, columns };
}

function truncate(tables: Table[], restartIdentity: boolean): Statement | null {
  const [table] = tables;
  if (!table) return null;
  const names = tables.map(({ only }) => only).join(', ');
  const text = `truncate ${names} ${restartIdentity ? 'restart' : 'continue'} identity`;
  return unchecked(text, table);
}

function unchecked(text: string, table: Table): Statement {
  return { text, values: [], rows: null, atMost: false, table };
}

function columnsOf(table: Table, rows: readonly Tuple[]): Columns {
  return new Columns(rows, table.columns.length);
}

/** What lies behind the key is not looked at. */
function keyArrays(table: Table, rows: readonly Tuple[]): Buffer[] {
  const keys = new Columns(rows, Math.max(...table.key) + 1);
  return table.key.map((i) => keys.textArray(i));
}

function setColumns(table: Table, kept: number[], withKey: boolean): number[] {
  return columnsWhere(table, ({ write }) => write === 'always').filter(
    (i) => !kept.includes(i) && (withKey || !table.key.includes(i)),
  );
}

function columnsWhere(table: Table, test: (column: Column) => boolean): number[] {
  return table.columns.flatMap((one, i) => (test(one) ? [i] : []));
}

function column(table: Table, at: number): Column {
  return table.columns[at] as Column;
}

function matches(table: Table): string {
  return table.key
    .map(
      (i, n) => `t.${column(table, i).name} ${table.equals[n]} v.c${n}::${column(table, i).type}`,
    )
    .join(' and ');
}

/** `unnest($1::text[], …) as v(c0, …)` */
function list(columns: number, prefix: string): string {
  const params = Array.from({ length: columns }, (_, n) => `$${n + 1}::text[]`).join(', ');
  const names = Array.from({ length: columns }, (_, n) => `${prefix}${n}`).join(', ');
  return `unnest(${params}) as v(${names})`;
}
