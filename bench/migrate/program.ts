import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { execa } from 'execa';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What a run of the copy cost its own process. */
export interface OwnCost {
  cpuMs: number;
  /** The most it ever held. */
  rssMb: number;
}

export interface CopyProgram {
  run(source: string, target: string): Promise<OwnCost>;
  remove(): Promise<void>;
}

/** The copy as a process of its own, bundled as the product is, so that loading is no part of it. */
export async function copyProgram(): Promise<CopyProgram> {
  const dir = await mkdtemp(join(tmpdir(), 'portsync-bench-'));
  await build({
    entryPoints: {
      copy: here('./copy-process.ts'),
      'pg-dump-worker': here('../../src/services/postgres/dump/wasm-worker.ts'),
    },
    ...{ outdir: dir, bundle: true, splitting: true },
    ...{ minify: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error' },
    external: ['pg-native'],
    banner: {
      js: "import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);",
    },
  });
  const tools = createRequire(import.meta.url).resolve('@electric-sql/pglite-tools/pg_dump');
  await copyFile(join(dirname(tools), 'pg_dump.wasm'), join(dir, 'pg_dump.wasm'));
  await writeFile(join(dir, 'package.json'), '{"type":"module"}');
  return {
    run: async (source, target) => {
      const env = { COPY: JSON.stringify({ source, target }), NODE_ENV: 'production' };
      const { stdout } = await execa(process.execPath, [join(dir, 'copy.js')], { env });
      return JSON.parse(stdout);
    },
    remove: () => rm(dir, { recursive: true }),
  };
}
