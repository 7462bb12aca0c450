import { expect } from 'vitest';
import { parseDump } from '../../src/services/postgres/dump/entries.ts';
import { runWasmDump } from '../../src/services/postgres/dump/wasm.ts';
import { rowsOf } from './checksums.ts';
import { askPostgres } from './postgres.ts';

const ARGS = ['--schema-only', '--no-owner', '--no-tablespaces', '--exclude-schema=portsync'];
/** Before version 16 a view names the table of each of its columns, needed or not. */
const QUALIFIER = /\b[a-z_]+\.(?=[a-z])/g;
const LIMIT_MS = 120_000;

export interface Comparison {
  /** Objects, as `kind name`, that may be missing at the target. */
  except?: RegExp;
}

/** Every object and every row of two databases, by a dump of each and by checksums. */
export async function expectSame(
  source: string,
  target: string,
  { except }: Comparison = {},
): Promise<void> {
  const [left, right] = await Promise.all([objectsOf(source), objectsOf(target)]);
  const wanted = except ? left.filter(([object]) => !except.test(object)) : left;
  const objects = (all: Array<[string, string]>) => all.map(([object, sql]) => `${object}\n${sql}`);
  const found = except ? right.filter(([object]) => !except.test(object)) : right;
  expect(objects(found)).toEqual(objects(wanted));
  expect(await rowsOf(target)).toEqual(await rowsOf(source));
  expect(await sequencesOf(target)).toEqual(await sequencesOf(source));
}

async function objectsOf(url: string): Promise<Array<[object: string, sql: string]>> {
  const text = await runWasmDump(ARGS, url, AbortSignal.timeout(LIMIT_MS));
  const entries = parseDump(text).map(({ kind, name, sql }): [string, string] => [
    `${kind} ${name}`,
    /VIEW|RULE/.test(kind) ? sql.replace(QUALIFIER, '') : sql,
  ]);
  return entries.sort(([a, aSql], [b, bSql]) => (a + aSql < b + bSql ? -1 : 1));
}

async function sequencesOf(url: string): Promise<string[]> {
  const rows = await askPostgres(
    url,
    `select schemaname || '.' || sequencename || ' ' || coalesce(last_value::text, 'unused') as s
     from pg_sequences where schemaname <> 'portsync' order by 1`,
  );
  return rows.map(({ s }) => s);
}
