import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mongod, startReplicaSet } from '../rig/mongod.ts';
import { describeWith } from '../rig/needs.ts';
import { startPostgres } from '../rig/postgres.ts';

// Split into chunks, as the product is: there a driver that is loaded late has no named exports.
const BANNER =
  "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" +
  "import{fileURLToPath as __fu}from'node:url';const __dirname=__fu(new URL('.',import.meta.url));";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portsync-test-bundle-'));
  const probe = fileURLToPath(new URL('../../src/services/database/probe.ts', import.meta.url));
  const source = join(dir, 'look.ts');
  await writeFile(
    source,
    `import { databaseProbe } from ${JSON.stringify(probe)};
     const probe = databaseProbe(process.env.DATABASE_URL ?? '');
     console.log(JSON.stringify(await probe.read(AbortSignal.timeout(20_000))));
     await probe.close();`,
  );
  await build({
    entryPoints: [source],
    outdir: join(dir, 'dist'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['pg-native'],
    banner: { js: BANNER },
    logLevel: 'error',
  });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function look(url: string): Promise<unknown> {
  const { stdout } = await execa(process.execPath, [join(dir, 'dist', 'look.mjs')], {
    cwd: dir,
    env: { DATABASE_URL: url },
  });
  return JSON.parse(stdout);
}

describe('PostgreSQL, looked at by the bundle', () => {
  it('gives its figures', async () => {
    const server = await startPostgres();
    try {
      expect(await look(server.url())).toMatchObject({ kind: 'postgres', here: true, hint: null });
    } finally {
      await server.close();
    }
  });
});

describeWith(mongod, 'MongoDB, looked at by the bundle', () => {
  it('gives its figures', async () => {
    const [server] = await startReplicaSet();
    try {
      expect(await look(server?.url() ?? '')).toMatchObject({ kind: 'mongo', hint: null });
    } finally {
      await server?.close();
    }
  });
});
