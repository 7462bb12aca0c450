import { blocker, type Finding, fine, warning } from '../../../model/finding.ts';
import type { Row } from '../connection.ts';
import type { Query } from './ask.ts';
import { identifier, some, statements } from './names.ts';
import { moved, notExtensions } from './scope.ts';
import type { Server } from './server.ts';

export interface Collations {
  /** The server's own that columns use; the user's come with the schema. */
  used: string[];
  /** Every one that could be used. */
  known: string[];
  /** Whose rules changed under indexes that were sorted by the older ones: `the database`, or a name. */
  outdated: string[];
}

/** From version 15 on the database's own default is versioned as well. */
export const collations = (version: number): Query<Collations> => ({
  about: 'its collations',
  sql: `
select array(select distinct l.collname::text from pg_attribute a
    join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_collation l on l.oid = a.attcollation
    where c.relkind in ('r', 'p') and not a.attisdropped and l.collname <> 'default'
      and l.collnamespace = 'pg_catalog'::regnamespace
      and ${moved} and ${notExtensions('pg_class', 'c.oid')}) as used,
  array(select distinct collname::text from pg_collation
    where collencoding in (-1, (select encoding from pg_database
      where datname = current_database()))) as known,
  array(select l.collname::text from pg_collation l where l.collversion is not null
      and l.collversion <> pg_collation_actual_version(l.oid)
    ${
      version < 150_000
        ? ''
        : `union all select 'the database' from pg_database
      where datname = current_database()
        and datcollversion <> pg_database_collation_actual_version(oid)`
    }) as outdated`,
  read: ([row = {}]: Row[]) => ({
    used: row.used as string[],
    known: row.known as string[],
    outdated: row.outdated as string[],
  }),
});

export function checkEncoding(source: Server, target: Server): Finding[] {
  const [from, to] = [source.encoding, target.encoding];
  if (from === to) return [fine('encoding', 'target', `Both are ${to}.`)];
  const cure = likeThe(source, target);
  if (to !== 'UTF8' || from === 'SQL_ASCII') {
    return [
      blocker('encoding', 'target', {
        message: `The source’s text is ${from}, the target’s ${to}.`,
        why: 'Some of the text cannot be written in the other encoding, and its rows would be refused.',
        cure,
      }),
    ];
  }
  return [
    warning('encoding', 'target', {
      message: `Text is turned from ${from} into UTF8.`,
      why: 'Every character has its place there; lengths in bytes grow.',
      cure,
    }),
  ];
}

export function checkLocale(source: Server, target: Server): Finding[] {
  const rules = ({ collate, ctype, locale, provider }: Server) =>
    locale ? `${locale} (${provider})` : collate === ctype ? collate : `${collate}/${ctype}`;
  // One locale is spelled in several ways: en_US.UTF-8, en_US.utf8.
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9/]/g, '');
  if (plain(rules(source)) === plain(rules(target))) {
    return [fine('locale', 'target', `Both sort by ${rules(target)}.`)];
  }
  return [
    warning('locale', 'target', {
      message: `The source sorts by ${rules(source)}, the target by ${rules(target)}.`,
      why: 'ORDER BY on text, LIKE on prefixes and upper() may answer otherwise after the move.',
      cure: likeThe(source, target),
    }),
  ];
}

/** A new database that sorts and writes text as the source does. */
function likeThe(source: Server, { database }: Server): string {
  const { encoding, collate, ctype, locale, provider } = source;
  const rules = {
    libc: '',
    icu: ` LOCALE_PROVIDER icu ICU_LOCALE '${locale}'`,
    builtin: ` LOCALE_PROVIDER builtin BUILTIN_LOCALE '${locale}'`,
  }[provider];
  return `CREATE DATABASE ${identifier(`${database}_new`)} TEMPLATE template0 ENCODING '${encoding}' LC_COLLATE '${collate}' LC_CTYPE '${ctype}'${rules};
Then give its URL.`;
}

export function checkCollations(source: Collations, target: Collations): Finding[] {
  const missing = source.used.filter((name) => !target.known.includes(name));
  if (missing.length === 0) {
    return [fine('collations', 'target', 'Every collation that columns use is there.')];
  }
  return [
    blocker('collations', some(missing), {
      message: `The target has no collation ${some(missing)}.`,
      why: 'Columns are declared with it: their tables could not be made.',
      cure: statements(
        missing,
        (name) => `CREATE COLLATION ${identifier(name)} (provider = icu, locale = 'LOCALE');`,
      ),
    }),
  ];
}

export function checkCollationVersion({ outdated }: Collations, { database }: Server): Finding[] {
  if (outdated.length === 0) {
    return [fine('collation-version', 'source', 'Indexes were sorted by the rules in force.')];
  }
  return [
    warning('collation-version', some(outdated), {
      message: `The sorting rules of ${some(outdated)} changed after the source was made.`,
      why: 'Its indexes may be wrong now, and unique ones may hold duplicates that the target will refuse.',
      cure: `REINDEX DATABASE ${identifier(database)};\n${statements(outdated, (name) =>
        name === 'the database'
          ? `ALTER DATABASE ${identifier(database)} REFRESH COLLATION VERSION;`
          : `ALTER COLLATION ${identifier(name)} REFRESH VERSION;`,
      )}`,
    }),
  ];
}
