import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ink } from '../../scripts/ink-plugin.ts';

/** Bundles a program as the product is bundled, under `folder`. Gives the file to run. */
export async function bundle(source: string, folder: string): Promise<string> {
  const outfile = join(await mkdtemp(join(folder, 'bundle-')), 'program.mjs');
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: {
      js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
    },
    plugins: [ink()],
  });
  return outfile;
}
