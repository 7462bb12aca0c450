import pg from 'pg';
import { ExternalError } from '../../../errors.ts';
import type { PostgresConnection } from '../connection.ts';
import { type QualifiedName, quoted, shown } from '../names.ts';
import { everyTable, OF_THE_USER, type TableFilter } from './tables.ts';

/** Where a sequence stands. What a session has taken ahead (CACHE) counts as given out. */
export interface SequenceValue extends QualifiedName {
  /** A bigint, which JavaScript's numbers do not hold. */
  value: string;
  /** False: `value` itself comes next. */
  called: boolean;
}

const listSql = `
select n.nspname as schema, c.relname as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'S' and c.relpersistence <> 't' and ${OF_THE_USER}
order by n.nspname collate "C", c.relname collate "C"`;

/** Those of serial and identity columns, and those that belong to none. */
export async function readSequences(
  connection: PostgresConnection,
  signal: AbortSignal,
  include: TableFilter = everyTable,
): Promise<SequenceValue[]> {
  const [rows = []] = await connection.ask(listSql, signal);
  const names = rows.map((row) => ({ schema: String(row.schema), name: String(row.name) }));
  return readValues(connection, names.filter(include), signal);
}

/** In one round trip; the view pg_sequences does not tell `called`. */
export async function readValues(
  connection: PostgresConnection,
  names: QualifiedName[],
  signal: AbortSignal,
): Promise<SequenceValue[]> {
  if (names.length === 0) return [];
  const parts = names.map(
    (name, at) => `select ${at} as at, last_value::text as value, is_called from ${quoted(name)}`,
  );
  const [values = []] = await connection.ask(parts.join('\nunion all '), signal);
  return values.flatMap((row) => {
    const name = names[Number(row.at)];
    return name ? [{ ...name, value: String(row.value), called: row.is_called === true }] : [];
  });
}

/** @throws PortSyncError where one is missing, or has other bounds than its namesake */
export async function setSequences(
  connection: PostgresConnection,
  values: SequenceValue[],
  where: string,
  signal: AbortSignal,
): Promise<void> {
  if (values.length === 0) return;
  const lines = values.map(
    ({ value, called, ...name }, at) =>
      `(${at}, ${pg.escapeLiteral(quoted(name))}, ${value}::int8, ${called})`,
  );
  const sql = `select at from (values ${lines.join(',\n')}) v (at, name, value, called)
where pg_catalog.setval(pg_catalog.to_regclass(name), value, called) is null`;
  const [missing = []] = await connection.ask(sql, signal);
  const names = missing.flatMap((row) => values[Number(row.at)] ?? []).map(shown);
  if (names.length > 0) throw missingSequences(where, names);
}

/** One line for each sequence that stands elsewhere, or nowhere. */
export function differingSequences(source: SequenceValue[], target: SequenceValue[]): string[] {
  const there = new Map(target.map((sequence) => [quoted(sequence), sequence]));
  return source.flatMap((here) => {
    const other = there.get(quoted(here));
    if (!other) return [`sequence ${shown(here)}: missing at the target`];
    if (other.value === here.value && other.called === here.called) return [];
    return [
      `sequence ${shown(here)}: ${standing(here)} at the source, ${standing(other)} at the target`,
    ];
  });
}

function standing({ value, called }: SequenceValue): string {
  return called ? value : `${value} not yet given out`;
}

function missingSequences(where: string, names: string[]): ExternalError {
  return new ExternalError({
    code: 'sequence-missing',
    message: `Sequences are missing at ${where}: ${names.slice(0, 5).join(', ')}${names.length > 5 ? `, and ${names.length - 5} more` : ''}.`,
    why: 'They were made after the schema was copied.',
    next: 'Create them there as they are at the source, or begin the migration again.',
  });
}
