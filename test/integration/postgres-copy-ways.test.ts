import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { build, type Options } from 'tsup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wasm as beside } from '../../scripts/wasm-plugin.ts';
import { DataQueue, removePartial } from '../../src/services/postgres/copy/data.ts';
import { partialTables, readCopied, storeSteps } from '../../src/services/postgres/copy/record.ts';
import {
  Session,
  SOURCE_SETTINGS,
  TARGET_SETTINGS,
} from '../../src/services/postgres/copy/session.ts';
import { readRelations } from '../../src/services/postgres/copy/tables.ts';
import { parseDump } from '../../src/services/postgres/dump/entries.ts';
import { findPgDump, runPgDump } from '../../src/services/postgres/dump/native.ts';
import { runWasmDump } from '../../src/services/postgres/dump/wasm.ts';
import product from '../../tsup.config.ts';
import { rowsOf } from '../rig/checksums.ts';
import { expectSame } from '../rig/compare.ts';
import { copyAll } from '../rig/copying.ts';
import { describeWith } from '../rig/needs.ts';
import { otherVersions, startPostgres, type TestPostgres } from '../rig/postgres.ts';
import { needProgram } from '../rig/programs.ts';
import { makeDatabase, READER } from '../rig/test-schemas.ts';

const soon = () => AbortSignal.timeout(60_000);
const ARGS = ['--schema-only', '--no-owner', '--no-tablespaces'];

const debian = otherVersions().find((bin) => bin.includes('/15/'));
const installed = {
  name: 'PostgreSQL 15 with its pg_dump',
  missing: debian ? null : 'install the package postgresql-15',
};

describeWith(installed, 'The schema of a PostgreSQL with a pg_dump on this machine', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres(debian ? { bin: debian } : {});
  });
  afterAll(() => server?.close());

  it('is the same by that pg_dump and by the one that PortSync brings', async () => {
    for (const schema of ['everything', 'rentals', 'music'] as const) {
      const url = await makeDatabase(server, schema, schema);
      const native = await findPgDump(15, soon());
      expect(native?.major).toBe(15);
      const texts = [
        await runPgDump(native ?? { path: '', major: 0 }, ARGS, url, soon()),
        await runWasmDump(ARGS, url, soon()),
      ];
      // Versions of pg_dump differ in where they leave two spaces.
      const [ours, theirs] = texts.map((text) =>
        parseDump(text).map((entry) => ({ ...entry, sql: entry.sql.replace(/ +/g, ' ') })),
      );
      expect(ours?.length).toBeGreaterThan(20);
      expect(theirs).toEqual(ours);
    }
  });

  it('goes into a newer server', async () => {
    const newer = await startPostgres();
    try {
      await newer.query(READER);
      const source = await makeDatabase(server, 'native', 'everything').catch(() => null);
      const from = source ?? server.url({ database: 'native' });
      const to = await makeDatabase(newer, 'native', null);
      await copyAll({ source: from, target: to });
      await expectSame(from, to);
    } finally {
      await newer.close();
    }
  });
});

describe('A table that is copied in ranges of its pages', () => {
  it('has each row once, and none of what an earlier run had left', async () => {
    const [source, target] = await Promise.all([startPostgres(), startPostgres()]);
    try {
      const table = 'create table big (id int, body text)';
      await source.query(`${table}; insert into big
        select n, repeat(md5(n::text), n % 40) from generate_series(1, 20000) n; analyze big`);
      const from = await Session.open(source.url(), SOURCE_SETTINGS, soon());
      const to = await Session.open(target.url(), TARGET_SETTINGS, soon());
      await storeSteps(to, [], [], soon());
      await target.query(`${table}; insert into big values (1, 'left'); insert into portsync.partial
        values ('public', 'big')`);
      const [big] = await readRelations(from, soon());
      if (!big) throw new Error('no table');
      await removePartial(to, await partialTables(to, soon()), soon());
      await from.query('begin isolation level repeatable read', soon());
      const ends = [0, 100, 101, Math.floor(big.pages / 2)];
      const parts = ends.map((start, n) => ({
        table: big,
        range: { from: start, to: ends[n + 1] ?? null },
      }));
      const copied: string[] = [];
      const queue = new DataQueue({
        ...{ parts, lsn: '0/1', binary: () => true, moved: () => {}, arrived: () => {} },
        copied: ({ name }) => copied.push(name),
      });
      await queue.work(from, to, soon());
      expect(copied).toEqual(['big']);
      expect(await readCopied(to, soon())).toEqual([{ schema: 'public', name: 'big', lsn: '0/1' }]);
      expect(await rowsOf(target.url())).toEqual(await rowsOf(source.url()));
      for (const session of [from, to]) session.cut();
    } finally {
      await source.close();
      await target.close();
    }
  });
});

describeWith(needProgram('openssl'), 'Two servers that speak TLS only', () => {
  it('are copied as others are', async () => {
    const servers = await Promise.all([startPostgres(), startPostgres()]);
    try {
      for (const server of servers) await encrypt(server);
      const [source, target] = servers as [TestPostgres, TestPostgres];
      await target.query(READER);
      for (const server of servers) await server.query('create database music');
      const url = (server: TestPostgres) =>
        server.url({ database: 'music', query: 'sslmode=require' });
      await source.query('create table t (id int primary key, body text)', { database: 'music' });
      await source.query(
        'insert into t select n, repeat(md5(n::text), 100) from generate_series(1, 5000) n',
        { database: 'music' },
      );
      await copyAll({ source: url(source), target: url(target) });
      await expectSame(`${url(source)}&uselibpqcompat=true`, `${url(target)}&uselibpqcompat=true`);
    } finally {
      for (const server of servers) await server.close();
    }
  });

  async function encrypt(server: TestPostgres): Promise<void> {
    const [cert, key] = [join(server.dir, 'server.crt'), join(server.data, 'server.key')];
    const files = ['-newkey', 'rsa:2048', '-nodes', '-keyout', '-', '-out', cert];
    const subject = ['-subj', '/CN=localhost'];
    const { stdout } = await execa('openssl', ['req', '-x509', '-days', '2', ...files, ...subject]);
    await server.write(key, stdout);
    await server.write(join(server.data, 'pg_hba.conf'), 'hostssl all all all scram-sha-256\n');
    await server.set({ ssl: 'on', ssl_cert_file: cert, ssl_key_file: key });
    server.encrypted = true;
    await server.restart();
  }
});

describe('The copy, bundled as the product is', () => {
  it('finds the pg_dump that is bundled beside it', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'portsync-test-bundle-'));
    const server = await startPostgres();
    try {
      await server.query('create table seen (id int)');
      const source = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
      const wasm = source('src/services/postgres/dump/wasm.ts');
      await writeFile(
        join(dir, 'dump.ts'),
        `import { runWasmDump } from ${JSON.stringify(wasm)};
         const limit = AbortSignal.timeout(60_000);
         const { DATABASE_URL = '' } = process.env;
         runWasmDump(['--schema-only'], DATABASE_URL, limit).then(console.log);`,
      );
      await build({
        ...(product as Options),
        config: false,
        entry: {
          dump: join(dir, 'dump.ts'),
          'pg-dump-worker': source('src/services/postgres/dump/wasm-worker.ts'),
        },
        outDir: dir,
        clean: false,
        esbuildPlugins: [beside(dir)],
      });
      const { stdout } = await execa(process.execPath, [join(dir, 'dump.cjs')], {
        env: { DATABASE_URL: server.url() },
      });
      expect(stdout).toContain('CREATE TABLE public.seen');
    } finally {
      await server.close();
      await rm(dir, { recursive: true });
    }
  });
});
