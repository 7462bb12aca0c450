/** Roles by which a managed service gives itself away, and which own what belongs to it. */
export const PROVIDER_ROLES = [
  'rdsadmin',
  'supabase_admin',
  'supabase_auth_admin',
  'supabase_storage_admin',
  'cloud_admin',
  'neon_superuser',
  'cloudsqladmin',
  'cloudsqlsuperuser',
  'azuresu',
  'azure_pg_admin',
  'doadmin',
  '_doadmin',
  'aiven_extras',
  'crunchy_superuser',
];

/** Supabase keeps these for itself, though some are owned by the role that customers get. */
const SUPABASE_SCHEMAS = [
  'auth',
  'extensions',
  'graphql',
  'graphql_public',
  'net',
  'pgbouncer',
  'pgsodium',
  'pgsodium_masks',
  'realtime',
  'storage',
  'supabase_functions',
  'supabase_migrations',
  'vault',
];

const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');

export const providerRoles = list(PROVIDER_ROLES);

/** SQL that is true of a namespace `n` that the copy takes: it is neither the server's nor ours. */
export const moved = `(
  n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'portsync')
)`;

/** Roles that customers get, so that what they own is no provider's. */
const CUSTOMERS = ['neon_superuser', 'cloudsqlsuperuser', 'azure_pg_admin', 'doadmin'];

/** Of a namespace `n` in whose contents a provider has no part either. */
export const usersOwn = `(
  ${moved} and (n.nspname = 'public' or n.nspowner not in (
    select oid from pg_roles
    where rolname in (${providerRoles}) and rolname not in (${list(CUSTOMERS)})
  )) and not (n.nspname in (${list(SUPABASE_SCHEMAS)})
    and exists (select from pg_roles where rolname = 'supabase_admin'))
)`;

/** SQL that is true of what was not made by an extension. */
export const notExtensions = (catalog: string, oid: string) =>
  `not exists (select from pg_depend x where x.classid = '${catalog}'::regclass
    and x.objid = ${oid} and x.deptype = 'e')`;
