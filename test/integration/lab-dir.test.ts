import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openLab } from '../../src/services/lab/client.ts';
import { databaseUrl, openProject } from '../../src/services/project/project.ts';
import { Caller } from '../rig/http-interface.ts';
import { startLab } from '../rig/lab.ts';

// Whole labs are started, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portsync-lab-dir-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function ask(url: string, sql: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows.map(([value]) => String(value));
  } finally {
    await client.end();
  }
}

const TABLES = `select tablename from pg_tables where schemaname = 'public' order by 1`;
const start = () => startLab({ dir, replicas: 1 });

describe('a lab in a directory of the user’s', () => {
  const someone: Caller[] = [];

  it('is a project with a full database, and an empty one that stands for a cloud', async () => {
    const { info, stop } = await start();
    try {
      const project = await openProject(dir);
      expect([project.name, await databaseUrl(project)]).toEqual(['lab', info.database]);
      const modes = ['.env', '.portsync', '.portsync/lab.json'].map(async (name) =>
        ((await stat(join(dir, name))).mode & 0o777).toString(8),
      );
      expect(await Promise.all(modes)).toEqual(['600', '700', '600']);
      expect(await ask(info.database, TABLES)).toEqual(
        expect.arrayContaining(['comments', 'events', 'notes', 'users']),
      );
      expect(Number(await ask(info.database, 'select count(*) from notes'))).toBeGreaterThan(1_000);
      expect(await ask(info.target, TABLES)).toEqual([]);
      for (const url of [info.database, info.target]) {
        expect(await ask(url, 'show wal_level')).toEqual(['logical']);
      }
      const rights = `select format('%s %s', rolsuper, rolreplication) from pg_roles
        where rolname = current_user`;
      expect(await ask(info.target, rights)).toEqual(['f t']);
      someone.push(await new Caller(info.app).signUp());
      await someone[0]?.write('still here');
    } finally {
      await stop();
    }
  });

  it('keeps everything but the running lab when it ends', async () => {
    expect((await readdir(dir)).sort()).toEqual(['.env', '.portsync', 'lab-data', 'portsync.yaml']);
    expect(await openLab(dir)).toBeNull();
  });

  it('starts again where it was, on other ports where its own are taken', async () => {
    const env = await readFile(join(dir, '.env'), 'utf8');
    const { port } = new URL(/^DATABASE_URL=(.*)$/m.exec(env)?.[1] ?? '');
    const thief = createServer().listen(Number(port), '127.0.0.1');
    await once(thief, 'listening');
    const { info, stop } = await start();
    try {
      expect(new URL(info.database).port).not.toBe(port);
      expect(await readFile(join(dir, '.env'), 'utf8')).toBe(
        env.replace(`:${port}/`, `:${new URL(info.database).port}/`),
      );
      const same = new Caller(info.app);
      same.token = someone[0]?.token ?? null;
      expect(await same.texts()).toEqual(['still here']);
      await expect(start()).rejects.toMatchObject({ code: 'lab-running' });
    } finally {
      thief.close();
      await stop();
    }
  });

  it('is refused for another kind of database, and where other things are', async () => {
    await expect(startLab({ dir, db: 'mongo' })).rejects.toMatchObject({
      code: expect.stringMatching(/other-database|no-mongod/),
    });
    const taken = join(dir, 'lab-data');
    await writeFile(join(taken, 'note.txt'), 'mine');
    await expect(startLab({ dir: taken })).rejects.toMatchObject({ code: 'not-a-lab' });
    expect(await readFile(join(taken, 'note.txt'), 'utf8')).toBe('mine');
  });
});

const root = process.getuid?.() === 0;

it.skipIf(!root)(
  'a directory that the servers’ user may not enter is refused, as root',
  async () => {
    const closed = await mkdtemp(join(tmpdir(), 'portsync-closed-'));
    const failure = startLab({ dir: join(closed, 'lab') });
    await expect(failure).rejects.toMatchObject({ code: 'out-of-reach' });
    await rm(closed, { recursive: true });
  },
);
