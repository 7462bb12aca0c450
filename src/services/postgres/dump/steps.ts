import pg from 'pg';
import { keyOf, type QualifiedName, quoted } from '../names.ts';
import type { DumpEntry } from './entries.ts';
import { splitStatements, words } from './sql-scan.ts';
import { byIndex } from './unique-index.ts';

/**
 * `pre`: before the rows. `keys`: when a table's rows are in. `rest`: when all rows are. `last`: when
 * foreign keys are proved.
 */
export type Section = 'pre' | 'keys' | 'rest' | 'last';

/** One piece of the schema, run in a transaction of its own or with its neighbours. */
export interface SchemaStep {
  section: Section;
  /** pg_dump's word for the object. */
  kind: string;
  /** As a person reads it. */
  name: string;
  /** Of `keys`: the table whose rows must be in; null: it waits for all. Of a proof: the table that is read. */
  table: QualifiedName | null;
  /** Builds an index or proves a foreign key, and may run beside others of the same table. */
  build: boolean;
  sql: string;
  /** Where the target does not allow it, it is reported and left out. */
  optional: boolean;
}

/** A foreign key of one partition that belongs to that of the whole table. */
export interface Tie {
  root: QualifiedName;
  /** What the whole table's key is called. */
  of: string;
  table: QualifiedName;
  name: string;
  /** `FOREIGN KEY (…) REFERENCES …` */
  definition: string;
}

export interface PlanOptions {
  /** What the source's relations are, by `keyOf`: r table, p partitioned, m materialized view, … */
  relations: ReadonlyMap<string, string>;
  /** PortSync's own publication, which stays at the source. */
  publication: string;
  /** The materialized views that hold rows, by `keyOf`. */
  populated: ReadonlySet<string>;
  ties: readonly Tie[];
}

const KEYS = new Set(['INDEX', 'CONSTRAINT', 'INDEX ATTACH', 'STATISTICS']);
const LATE = new Set([
  ...KEYS,
  ...['FK CONSTRAINT', 'CHECK CONSTRAINT', 'RULE', 'TRIGGER', 'EVENT TRIGGER', 'POLICY'],
  ...['ROW SECURITY', 'PUBLICATION', 'PUBLICATION TABLE', 'PUBLICATION TABLES IN SCHEMA'],
]);
const GRANTS = new Set(['ACL', 'DEFAULT ACL']);
const OPTIONAL = new Set([
  ...['ACL', 'DEFAULT ACL', 'COMMENT', 'EXTENSION', 'PROCEDURAL LANGUAGE', 'EVENT TRIGGER'],
  ...['PUBLICATION', 'PUBLICATION TABLE', 'PUBLICATION TABLES IN SCHEMA', 'POLICY'],
  ...['FOREIGN DATA WRAPPER', 'SERVER', 'USER MAPPING', 'FOREIGN TABLE', 'REFRESH'],
]);

/** Sorts a dump into what comes before, with and after the rows. Keeps pg_dump's order in each. */
export function planSteps(entries: readonly DumpEntry[], options: PlanOptions): SchemaStep[] {
  const own = new Set([options.publication]);
  const wanted = entries.filter((entry) => !isPublicationOf(entry, own));
  const late = wanted.findIndex(({ kind }) => LATE.has(kind));
  const steps = wanted.flatMap((entry, index) => {
    // pg_dump sets a function or view behind the keys when it needs one.
    const isLate = (late >= 0 && index >= late) || GRANTS.has(entry.kind);
    if (!isLate) return [stepOf(entry, 'pre')];
    if (KEYS.has(entry.kind)) return keySteps(entry, options.relations);
    if (GRANTS.has(entry.kind)) return grantSteps(entry);
    if (entry.kind === 'FK CONSTRAINT') return foreignKeySteps(entry, options);
    if (isOfConstraint(entry)) return [stepOf(entry, 'last')];
    return [stepOf(entry, 'rest')];
  });
  return [...steps, ...refreshSteps(wanted, options.populated)];
}

function stepOf({ kind, name, sql }: DumpEntry, section: Section): SchemaStep {
  return {
    ...{ section, kind, name, sql, table: null, build: false },
    optional: OPTIONAL.has(kind),
  };
}

function grantSteps(entry: DumpEntry): SchemaStep[] {
  return splitStatements(entry.sql).map((sql) => stepOf({ ...entry, sql }, 'rest'));
}

function keySteps(entry: DumpEntry, relations: ReadonlyMap<string, string>): SchemaStep[] {
  const statements = splitStatements(entry.sql);
  const table = tableOf(statements[0] ?? '');
  const what = table ? relations.get(keyOf(table)) : undefined;
  if (what === 'm') return [stepOf(entry, 'rest')];
  if (what !== 'r') return [stepOf(entry, 'keys')];
  return statements.flatMap(byIndex).map((sql) => ({
    ...stepOf({ ...entry, sql }, 'keys'),
    table,
    build: /^CREATE (UNIQUE )?INDEX /.test(sql),
  }));
}

/** The table that a statement like `CREATE INDEX … ON t` or `ALTER TABLE ONLY t …` is about. */
export function tableOf(sql: string): QualifiedName | null {
  const all = words(sql);
  const begin = all[0] === 'CREATE' ? all.indexOf('ON') + 1 : all[1] === 'TABLE' ? 2 : 0;
  if (begin === 0) return null;
  const [schema, dot, name] = all.slice(all[begin] === 'ONLY' ? begin + 1 : begin);
  if (!schema || !name || dot !== '.') return null;
  return { schema: unquoted(schema), name: unquoted(name) };
}

/** Of a `CREATE INDEX`, as the catalog has it. */
export function indexOf(sql: string): string {
  const all = words(sql);
  return unquoted(all[all.indexOf('INDEX') + 1] ?? '');
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

function isPublicationOf({ kind, sql }: DumpEntry, names: ReadonlySet<string>): boolean {
  const [, , name = ''] = kind.startsWith('PUBLICATION') ? words(sql) : [];
  return names.has(unquoted(name));
}

/** pg_dump counts a view's rows as data; views that read other views were created after them. */
function refreshSteps(entries: readonly DumpEntry[], populated: ReadonlySet<string>): SchemaStep[] {
  return entries
    .filter(({ kind, sql }) => kind === 'MATERIALIZED VIEW' && populated.has(keyOf(viewOf(sql))))
    .map(({ name, sql }) => {
      const refresh = `REFRESH MATERIALIZED VIEW ${quoted(viewOf(sql))};`;
      return stepOf({ kind: 'REFRESH', name, sql: refresh }, 'last');
    });
}

function viewOf(sql: string): QualifiedName {
  const [schema = '', , name = ''] = words(sql).slice(3);
  return { schema: unquoted(schema), name: unquoted(name) };
}

/** The constraint may be made as late as that. */
function isOfConstraint({ kind, sql }: DumpEntry): boolean {
  return kind === 'COMMENT' && sql.startsWith('COMMENT ON CONSTRAINT ');
}

/**
 * A plain table's key is made without a look at the rows, and proved later. A partitioned one's may
 * not be, but takes over, without a further look, those of its partitions that are proved.
 */
function foreignKeySteps(entry: DumpEntry, { relations, ties }: PlanOptions): SchemaStep[] {
  const [statement = '', ...others] = splitStatements(entry.sql);
  const table = tableOf(statement);
  const settled = / NOT (VALID|ENFORCED)/.test(statement) || others.length > 0;
  const what = table && !settled ? relations.get(keyOf(table)) : undefined;
  if (!table || (what !== 'r' && what !== 'p')) return [stepOf(entry, 'rest')];
  const all = words(statement);
  const name = all[all.indexOf('CONSTRAINT') + 1] ?? '';
  if (what === 'r') return provedLater(entry, statement.slice(0, -1), table, name);
  const own = ties.filter((tie) => keyOf(tie.root) === keyOf(table) && tie.of === unquoted(name));
  const parts = own.flatMap((tie) => {
    const add = `ALTER TABLE ONLY ${quoted(tie.table)} ADD CONSTRAINT ${pg.escapeIdentifier(tie.name)}`;
    const make = `${add} ${tie.definition}`;
    return provedLater(entry, make, tie.table, pg.escapeIdentifier(tie.name));
  });
  return [...parts, stepOf(entry, parts.length > 0 ? 'last' : 'rest')];
}

/** @param make the statement without its end @param name as SQL takes it */
function provedLater(
  entry: DumpEntry,
  make: string,
  table: QualifiedName,
  name: string,
): SchemaStep[] {
  const validate = `ALTER TABLE ${quoted(table)} VALIDATE CONSTRAINT ${name};`;
  return [
    stepOf({ ...entry, sql: `${make} NOT VALID;` }, 'rest'),
    { ...stepOf({ ...entry, sql: validate }, 'rest'), table, build: true },
  ];
}
