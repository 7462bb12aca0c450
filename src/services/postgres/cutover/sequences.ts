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

const calledSql = `
select n.nspname as schema, c.relname as name, pg_sequence_last_value(c.oid)::text as value
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'S' and c.relpersistence <> 't' and ${OF_THE_USER}
order by n.nspname collate "C", c.relname collate "C"`;

/** Those of serial and identity columns, and those that belong to none. */
export async function readSequences(
  connection: PostgresConnection,
  signal: AbortSignal,
  include: TableFilter = everyTable,
): Promise<SequenceValue[]> {
  const [rows = []] = await connection.ask(calledSql, signal);
  const all = rows
    .map((row) => ({ schema: String(row.schema), name: String(row.name), value: row.value }))
    .filter(include);
  const uncalled = all.filter(({ value }) => value === null);
  const starts = await readStarts(connection, uncalled, signal);
  return all.map(({ value, ...name }) => ({
    ...name,
    value: String(value ?? starts.get(quoted(name))),
    called: value !== null,
  }));
}

/** The function tells nothing of a sequence that gave out no number; to ask each of all takes long. */
async function readStarts(
  connection: PostgresConnection,
  names: QualifiedName[],
  signal: AbortSignal,
): Promise<Map<string, unknown>> {
  if (names.length === 0) return new Map();
  const sql = names.map((name) => `select last_value::text as value from ${quoted(name)}`);
  const answers = await connection.ask(sql.join(';\n'), signal);
  return new Map(names.map((name, at) => [quoted(name), answers[at]?.[0]?.value]));
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
