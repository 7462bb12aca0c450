import { readFile } from 'node:fs/promises';
import type { TestPostgres } from './postgres.ts';

export const READER = 'create role portsync_reader';

export type TestSchema = 'everything' | 'rentals' | 'music';

/** Makes the database `name` with one of test/rig/schemas in it; gives its URL. */
export async function makeDatabase(
  server: TestPostgres,
  name: string,
  schema: TestSchema | null,
): Promise<string> {
  await server.query(`create database ${name}`);
  if (schema) {
    const file = new URL(`./schemas/${schema}.sql`, import.meta.url);
    await server.query(await readFile(file, 'utf8'), { database: name });
  }
  return server.url({ database: name });
}
