import pg from 'pg';
import { POSTGRES_IMAGE } from './images.ts';
import type { SwarmRig } from './swarm.ts';
import { until } from './until.ts';

/**
 * A PostgreSQL outside the stack, on the engine's own network: its containers, the machine and this
 * process all reach it. Answers the URL of its empty database.
 */
export async function startSecondServer({ engine }: SwarmRig, password: string): Promise<string> {
  const container = await engine.docker.createContainer({
    name: 'second',
    Image: POSTGRES_IMAGE,
    Env: ['POSTGRES_USER=app', `POSTGRES_PASSWORD=${password}`, 'POSTGRES_DB=app'],
    Cmd: ['postgres', '-c', 'wal_level=logical'],
    HostConfig: { NetworkMode: 'host' },
  });
  await container.start();
  const url = `postgres://app:${password}@${engine.address}:5432/app`;
  const answers = () => askPostgres(url, 'select 1').then(Boolean, () => false);
  await until(answers, 60_000, 'the second server answers');
  return url;
}

export async function askPostgres(
  connectionString: string,
  sql: string,
): Promise<Array<{ text: string }>> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
