import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { hashPassword } from '../app/auth.ts';
import { fillPostgres } from './sample-postgres.ts';
import type { DatabaseServer, Login, ServerIdentity } from './server.ts';

/**
 * The app's server is what the official image makes of POSTGRES_USER: its owner is the superuser. The
 * cloud's owner is what managed servers give: no superuser, but allowed to replicate.
 */
export async function fill(db: DatabaseServer, cloud: DatabaseServer): Promise<void> {
  await Promise.all([openOwn(db), openCloud(cloud)]);
}

async function openOwn({ identity, url }: DatabaseServer): Promise<void> {
  const { admin, database } = identity;
  await withPostgres(urlOf(identity, admin, 'postgres'), async (client) => {
    await client.query(`create database ${database}`);
  });
  const hash = await hashPassword(randomBytes(24).toString('base64url'));
  await withPostgres(url, (client) => fillPostgres(client, hash));
}

async function openCloud({ identity }: DatabaseServer): Promise<void> {
  const { admin, owner, database } = identity;
  await withPostgres(urlOf(identity, admin, 'postgres'), async (client) => {
    const rights = 'login createdb createrole replication';
    await client.query(`create role ${owner.user} ${rights} password '${owner.password}'`);
    await client.query(`grant pg_monitor, pg_signal_backend to ${owner.user}`);
    await client.query(`grant set on parameter session_replication_role to ${owner.user}`);
    await client.query(`create database ${database} owner ${owner.user}`);
  });
}

/** One connection for `work`. */
export async function withPostgres<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export function urlOf({ port }: ServerIdentity, login: Login, database: string): string {
  return `postgres://${login.user}:${login.password}@127.0.0.1:${port}/${database}`;
}
