import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leftOut } from '../../src/services/postgres/copy/index.ts';
import { expectSame } from '../rig/compare.ts';
import { copyAll } from '../rig/copying.ts';
import { startPostgres, type TestPostgres } from '../rig/postgres.ts';

const schema = (name: string) =>
  readFile(new URL(`../rig/schemas/${name}.sql`, import.meta.url), 'utf8');

describe('Copying a live PostgreSQL', () => {
  let source: TestPostgres;
  let target: TestPostgres;
  beforeAll(async () => {
    [source, target] = await Promise.all([startPostgres(), startPostgres()]);
    await source.query('create database every');
    await target.query('create database every');
    await source.query(await schema('everything'), { database: 'every' });
    await target.query('create role portsync_reader');
  });
  afterAll(async () => {
    await source?.close();
    await target?.close();
  });

  it('brings every kind of object and every value over as they were', async () => {
    const [from, to] = [source.url({ database: 'every' }), target.url({ database: 'every' })];
    await copyAll({ source: from, target: to });
    await expectSame(from, to);
    const notes = await leftOut(to, AbortSignal.timeout(10_000));
    expect(notes.map(({ object }) => object)).toEqual([
      'large objects',
      'foreign table outside',
      'unlogged table scratch',
    ]);
  });
});
