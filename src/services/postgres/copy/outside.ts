import pg from 'pg';
import type { SchemaStep } from '../dump/steps.ts';
import { shown } from '../names.ts';
import type { SchemaNote } from './schema.ts';
import type { Session } from './session.ts';
import type { Relation } from './tables.ts';

/** Settings whose value is a list of names, quoted already as the catalog keeps it. */
const LISTS = new Set(['search_path', 'temp_tablespaces', 'session_preload_libraries']);

const OTHERS = `
select 'subscription ' || subname as object, 'A subscription is not moved: it would receive everything twice.' as why
  from pg_subscription where subdbid = (select oid from pg_database where datname = current_database())
union all
select 'role ' || r.rolname, 'It has settings of its own here ('
    || (select string_agg(split_part(each, '=', 1), ', ') from unnest(s.setconfig) each)
    || '): give them to the role that the app uses there.'
  from pg_db_role_setting s join pg_roles r on r.oid = s.setrole
  where r.rolname !~ '^pg_' and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
union all
select 'table ' || c.oid::regclass, 'It belongs to an extension, which makes it anew: rows that were added to it are not copied.'
  from pg_class c where c.oid in (select unnest(extconfig) from pg_extension) and c.relkind = 'r'
    and c.reltuples > 0
union all
select 'large objects', 'They are copied, but no stream of changes holds them: what is written to them during the move stays behind.'
  where exists (select from pg_largeobject_metadata)`;

/** What belongs to the database and is in no dump, or is in it and cannot be moved whole. */
export async function readNotes(
  source: Session,
  relations: readonly Relation[],
  signal: AbortSignal,
): Promise<SchemaNote[]> {
  const others = await source.query<SchemaNote & Record<string, unknown>>(OTHERS, signal);
  const of = (wanted: (relation: Relation) => boolean, what: string, why: string) =>
    relations.filter(wanted).map((relation) => ({ object: `${what} ${shown(relation)}`, why }));
  return [
    ...others,
    ...of(
      ({ kind }) => kind === 'f',
      'foreign table',
      'Its rows lie elsewhere and are not copied.',
    ),
    ...of(
      ({ unlogged, owned }) => unlogged && !owned,
      'unlogged table',
      'It is copied, but no stream of changes holds it: what is written to it during the move stays behind.',
    ),
  ];
}

/** `ALTER DATABASE … SET`, which only a dump of the whole database would hold. */
export async function databaseSettings(
  source: Session,
  signal: AbortSignal,
): Promise<SchemaStep[]> {
  const sql = `select unnest(setconfig) as setting from pg_db_role_setting where setrole = 0
    and setdatabase = (select oid from pg_database where datname = current_database())`;
  const rows = await source.query<{ setting: string }>(sql, signal);
  return rows.map(({ setting }) => ({
    ...{ section: 'pre', kind: 'DATABASE SETTING', name: setting.replace(/=.*$/s, '') },
    ...{ table: null, build: false, optional: true, sql: alterDatabase(setting) },
  }));
}

export function alterDatabase(setting: string): string {
  const at = setting.indexOf('=');
  const [name, value] = [setting.slice(0, at), setting.slice(at + 1)];
  // A setting of an extension has a dot, and is one name on either side of it.
  const quotedName = name.split('.').map(pg.escapeIdentifier).join('.');
  const quotedValue = LISTS.has(name) ? value || "''" : pg.escapeLiteral(value);
  const template = pg.escapeLiteral(
    `alter database %I set ${quotedName.replaceAll('%', '%%')} to `,
  );
  return `do ${pg.escapeLiteral(
    `begin execute format(${template}, current_database()) || ${pg.escapeLiteral(quotedValue)}; end`,
  )}`;
}
