import type { Row } from '../connection.ts';
import type { Query } from './ask.ts';
import { providerRoles } from './scope.ts';

/** Who we are there, and what the server and the database are. */
export interface Server {
  /** 170002 for 17.2 */
  version: number;
  /** `17.2` */
  shown: string;
  role: string;
  database: string;
  encoding: string;
  collate: string;
  ctype: string;
  provider: 'libc' | 'icu' | 'builtin';
  /** Rules of ICU or of the built-in provider; null with those of the C library. */
  locale: string | null;
  /** ms since the epoch. */
  startedAt: number;
  superuser: boolean;
  replication: boolean;
  bypassRls: boolean;
  /** May create schemas and publications in the database. */
  mayCreate: boolean;
  mayCreateInPublic: boolean;
  ownsDatabase: boolean;
  /** Roles of managed services that exist there. */
  providerRoles: string[];
  /** Those of them that we are a member of. */
  memberships: string[];
  readOnly: 'replica' | 'setting' | null;
}

/** Columns that are younger than version 12 come out of JSON. */
export const server: Query<Server> = {
  about: 'itself and this role',
  sql: `
select current_setting('server_version_num')::int as version,
  split_part(current_setting('server_version'), ' ', 1) as shown,
  current_user::text as role, d.datname::text as database,
  pg_encoding_to_char(d.encoding)::text as encoding,
  d.datcollate::text as collate, d.datctype::text as ctype,
  case to_jsonb(d)->>'datlocprovider' when 'i' then 'icu' when 'b' then 'builtin'
    else 'libc' end as provider,
  coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale') as locale,
  extract(epoch from pg_postmaster_start_time())::float8 * 1000 as started_at,
  r.rolsuper as superuser, r.rolbypassrls as bypass_rls,
  r.rolreplication or exists (select from pg_roles g
    where g.rolname = 'rds_replication' and pg_has_role(g.oid, 'MEMBER')) as replication,
  has_database_privilege(d.oid, 'CREATE') as may_create,
  pg_has_role(d.datdba, 'USAGE') as owns_database,
  coalesce((select has_schema_privilege(oid, 'CREATE') from pg_namespace
    where nspname = 'public'), has_database_privilege(d.oid, 'CREATE')) as may_create_in_public,
  array(select rolname::text from pg_roles where rolname in (${providerRoles}, 'rds_superuser'))
    as provider_roles,
  array(select rolname::text from pg_roles where rolname in (${providerRoles}, 'rds_superuser')
    and pg_has_role(oid, 'MEMBER')) as memberships,
  case when pg_is_in_recovery() then 'replica'
    when current_setting('default_transaction_read_only') = 'on' then 'setting' end as read_only
from pg_database d, pg_roles r
where d.datname = current_database() and r.rolname = current_user`,
  read: ([row = {}]: Row[]) => ({
    version: Number(row.version),
    shown: String(row.shown),
    role: String(row.role),
    database: String(row.database),
    encoding: String(row.encoding),
    collate: String(row.collate),
    ctype: String(row.ctype),
    provider: row.provider as Server['provider'],
    locale: typeof row.locale === 'string' ? row.locale : null,
    startedAt: Number(row.started_at),
    superuser: row.superuser === true,
    replication: row.replication === true,
    bypassRls: row.bypass_rls === true,
    mayCreate: row.may_create === true,
    mayCreateInPublic: row.may_create_in_public === true,
    ownsDatabase: row.owns_database === true,
    providerRoles: row.provider_roles as string[],
    memberships: row.memberships as string[],
    readOnly: row.read_only as Server['readOnly'],
  }),
};

export const major = (version: number) => Math.floor(version / 10_000);
