import { identifier } from './names.ts';
import type { Server } from './server.ts';

/** Where a server runs, as far as it shows: that decides how it is set. */
export type Place =
  | 'rds'
  | 'supabase'
  | 'neon'
  | 'cloud-sql'
  | 'azure'
  | 'digitalocean'
  | 'container'
  | 'own';

const BY_ROLE: Array<[string, Place]> = [
  ['rdsadmin', 'rds'],
  ['supabase_admin', 'supabase'],
  ['neon_superuser', 'neon'],
  ['cloudsqladmin', 'cloud-sql'],
  ['azuresu', 'azure'],
  ['azure_pg_admin', 'azure'],
  ['doadmin', 'digitalocean'],
];

export function placeOf(
  { providerRoles }: Pick<Server, 'providerRoles'>,
  container: boolean,
): Place {
  const known = BY_ROLE.find(([role]) => providerRoles.includes(role));
  return known?.[1] ?? (container ? 'container' : 'own');
}

/** How the log is made to hold row changes; one restart in every case. */
export function logicalWal(place: Place): string {
  switch (place) {
    case 'rds':
      return 'Set rds.logical_replication = 1 in the parameter group of the instance, and reboot it.';
    case 'cloud-sql':
      return 'gcloud sql instances patch INSTANCE --database-flags=cloudsql.logical_decoding=on';
    case 'azure':
      return 'az postgres flexible-server parameter set --name wal_level --value logical --resource-group GROUP --server-name SERVER';
    case 'neon':
      return 'Neon console → Settings → Logical Replication → Enable (it cannot be switched off again).';
    case 'supabase':
      return 'supabase --experimental postgres-config update --config wal_level=logical --project-ref REF';
    default:
      return serverSetting(place, 'wal_level', 'logical');
  }
}

/** A setting that takes effect at the next start of the server. */
export function serverSetting(place: Place, name: string, value: string | number): string {
  switch (place) {
    case 'container':
      return `In docker-compose.yml, at the database: command: ["postgres", "-c", "${name}=${value}"]\nThen: docker compose up -d (restarts the database once)`;
    case 'own':
      return `ALTER SYSTEM SET ${name} = '${value}';\nThen restart the server once: systemctl restart postgresql`;
    case 'rds':
      return `Set ${name} = ${value} in the parameter group of the instance, and reboot it.`;
    case 'cloud-sql':
      return `gcloud sql instances patch INSTANCE --database-flags=${name}=${value}`;
    case 'azure':
      return `az postgres flexible-server parameter set --name ${name} --value ${value} --resource-group GROUP --server-name SERVER`;
    default:
      return `Set ${name} = ${value} in the settings of the provider.`;
  }
}

/** Replication is a right of its own nearly everywhere. */
export function grantReplication(place: Place, role: string): string {
  return place === 'rds'
    ? `GRANT rds_replication TO ${identifier(role)};`
    : `ALTER ROLE ${identifier(role)} REPLICATION;`;
}

/** Providers give their customers a role that may do most of what a superuser does. */
export function nearlySuperuser({ superuser, memberships }: Server): boolean {
  const strong = [
    'rds_superuser',
    'neon_superuser',
    'cloudsqlsuperuser',
    'azure_pg_admin',
    'doadmin',
  ];
  return superuser || strong.some((role) => memberships.includes(role));
}
