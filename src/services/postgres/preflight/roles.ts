import { blocker, type Finding, fine, warning } from '../../../model/finding.ts';
import type { Row } from '../connection.ts';
import type { Query } from './ask.ts';
import { identifier, some, statements } from './names.ts';
import { moved, notExtensions } from './scope.ts';

export interface NamedRoles {
  owners: string[];
  granted: string[];
  /** Named by policies of row security. */
  policies: string[];
}

const acl = (column: string, from: string) => `
  select a.grantee from ${from}, aclexplode(${column}) a`;

export const namedRoles: Query<NamedRoles> = {
  about: 'the roles that its objects name',
  sql: `
with names as (select oid, rolname::text from pg_roles), users as (
  select c.oid, c.relowner, c.relacl from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and ${moved}
    and ${notExtensions('pg_class', 'c.oid')}), routines as (
  select p.oid, p.proowner, p.proacl from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where ${moved} and ${notExtensions('pg_proc', 'p.oid')}), spaces as (
  select n.oid, n.nspowner, n.nspacl from pg_namespace n
  where ${moved} and n.nspname <> 'public')
select
  array(select distinct rolname from names where oid in (
    select relowner from users union select proowner from routines
    union select nspowner from spaces)) as owners,
  array(select distinct rolname from names where oid in (
    ${acl('relacl', 'users')} union ${acl('proacl', 'routines')} union ${acl('nspacl', 'spaces')}
    union ${acl('d.defaclacl', 'pg_default_acl d')})) as granted,
  array(select distinct rolname from names where oid in (
    select unnest(p.polroles) from pg_policy p join users u on u.oid = p.polrelid)) as policies`,
  read: ([row = {}]: Row[]) => ({
    owners: row.owners as string[],
    granted: row.granted as string[],
    policies: row.policies as string[],
  }),
};

export const everyRole: Query<string[]> = {
  about: 'its roles',
  sql: 'select rolname::text as name from pg_roles',
  read: (rows: Row[]) => rows.map(({ name }) => String(name)),
};

/** A policy for a role that is not there cannot be made: then the rows it guards lie open. */
export function checkRoles(named: NamedRoles, there: readonly string[]): Finding[] {
  const missing = (names: readonly string[]) => names.filter((name) => !there.includes(name));
  const guarding = missing(named.policies);
  const others = [...new Set(missing([...named.owners, ...named.granted]))].filter(
    (name) => !guarding.includes(name),
  );
  const create = (names: readonly string[]) =>
    statements(names, (name) => `CREATE ROLE ${identifier(name)} NOLOGIN;`);
  if (guarding.length + others.length === 0) {
    return [fine('roles', 'target', 'Every role that owns or may use something is there.')];
  }
  return [
    ...(guarding.length === 0
      ? []
      : [
          blocker('roles', some(guarding), {
            message: `Policies of row security name ${some(guarding)}, which the target does not have.`,
            why: 'The policies could not be made, and the rows they guard would lie open.',
            cure: create(guarding),
          }),
        ]),
    ...(others.length === 0
      ? []
      : [
          warning('roles', some(others), {
            message: `The target has no role ${some(others)}.`,
            why: 'What it owns at the source will belong to the role in the URL, and what was granted to it is left out.',
            cure: create(others),
          }),
        ]),
  ];
}
