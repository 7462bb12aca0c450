import pg from 'pg';
import type { SchemaStep, Section } from '../dump/steps.ts';
import type { QualifiedName } from '../names.ts';
import type { SchemaNote } from './schema.ts';
import type { Session } from './session.ts';

/** A step as the target keeps it. */
export interface RecordedStep extends SchemaStep {
  /** pg_dump's order. */
  n: number;
  state: 'waiting' | 'done' | 'left-out';
  /** Why it was left out. */
  note: string | null;
}

/**
 * What of the copy is done, kept in the target so that it is true whatever dies: each line is
 * written in the transaction that does what it says.
 */
const TABLES = `
create schema if not exists portsync;
create table if not exists portsync.copied (
  schema text, name text, lsn pg_lsn not null, primary key (schema, name));
create table if not exists portsync.partial (schema text, name text, primary key (schema, name));
create table if not exists portsync.steps (
  n int primary key, section text not null, kind text not null, name text not null,
  table_schema text, table_name text, build boolean not null, sql text not null,
  optional boolean not null, state text not null default 'waiting', note text)`;

const COLUMNS =
  'n, section, kind, name, table_schema, table_name, build, sql, optional, state, note';

/** The kind of a line that is no object of the dump but something to know. */
export const NOTE = 'NOTE';

/** Large objects have no table that could be named; nobody's can be in this schema. */
export const LARGE_OBJECTS: QualifiedName = { schema: 'pg_catalog', name: 'pg_largeobject' };

export async function hasSteps(target: Session, signal: AbortSignal): Promise<boolean> {
  const sql = `select to_regclass('portsync.steps') is not null as made`;
  const [row] = await target.query<{ made: boolean }>(sql, signal);
  if (!row?.made) return false;
  const [any] = await target.query<{ found: boolean }>(
    'select exists (select from portsync.steps) as found',
    signal,
  );
  return any?.found === true;
}

/** All of them in one transaction: either the whole plan is known to later runs, or none of it. */
export async function storeSteps(
  target: Session,
  steps: readonly SchemaStep[],
  notes: readonly SchemaNote[],
  signal: AbortSignal,
): Promise<void> {
  const rows = steps.map(({ table, ...step }, n) => ({
    ...{ ...step, n, table_schema: table?.schema ?? null, table_name: table?.name ?? null },
    ...{ state: 'waiting', note: null },
  }));
  const left = notes.map(({ object, why }, n) => ({
    ...{ n: steps.length + n, section: 'rest', kind: NOTE, name: object, sql: '' },
    ...{ build: false, optional: true, state: 'left-out', note: why },
  }));
  const insert = `insert into portsync.steps (${COLUMNS}) select ${COLUMNS}
    from pg_catalog.json_populate_recordset(null::portsync.steps, ${literal([...rows, ...left])})`;
  await target.query(`begin; ${TABLES}; ${insert}; commit`, signal);
}

export async function readSteps(
  target: Session,
  section: Section,
  signal: AbortSignal,
): Promise<RecordedStep[]> {
  const sql = `select ${COLUMNS} from portsync.steps where section = $1 order by n`;
  return toSteps(await target.query(sql, signal, [section]));
}

/** Those that the target does not have, and the notes. Empty where nothing was planned yet. */
export async function readLeftOut(target: Session, signal: AbortSignal): Promise<RecordedStep[]> {
  if (!(await hasSteps(target, signal))) return [];
  const sql = `select ${COLUMNS} from portsync.steps where state = 'left-out' order by n`;
  return toSteps(await target.query(sql, signal));
}

function toSteps(rows: Array<Record<string, unknown>>): RecordedStep[] {
  return rows.map(({ table_schema, table_name, ...step }) => ({
    ...(step as unknown as RecordedStep),
    table: table_schema === null ? null : { schema: `${table_schema}`, name: `${table_name}` },
  }));
}

export function markDone(numbers: readonly number[]): string {
  return `update portsync.steps set state = 'done' where n in (${numbers.join(', ')})`;
}

export function markLeftOut(number: number, note: string): string {
  const words = pg.escapeLiteral(note);
  return `update portsync.steps set state = 'left-out', note = ${words} where n = ${number}`;
}

export function markCopied({ schema, name }: QualifiedName, lsn: string): string {
  const values = [schema, name, lsn].map((value) => pg.escapeLiteral(value)).join(', ');
  return `insert into portsync.copied (schema, name, lsn) values (${values})`;
}

/** From here until it is copied, rows of the table may be there that a later run must remove. */
export function markPartial({ schema, name }: QualifiedName): string {
  const values = [schema, name].map((value) => pg.escapeLiteral(value)).join(', ');
  return `insert into portsync.partial (schema, name) values (${values}) on conflict do nothing`;
}

export async function partialTables(
  target: Session,
  signal: AbortSignal,
): Promise<QualifiedName[]> {
  return target.query<QualifiedName>('select schema, name from portsync.partial', signal);
}

/** Of every copied table, the position that its rows are of. Empty where nothing was copied. */
export async function readCopied(
  target: Session,
  signal: AbortSignal,
): Promise<Array<QualifiedName & { lsn: string }>> {
  const [row] = await target.query<{ table: string | null }>(
    `select to_regclass('portsync.copied')::text as table`,
    signal,
  );
  if (!row?.table) return [];
  return target.query('select schema, name, lsn::text as lsn from portsync.copied', signal);
}

function literal(value: unknown): string {
  return pg.escapeLiteral(JSON.stringify(value));
}
