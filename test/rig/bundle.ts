import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { docker } from '../../scripts/docker-plugin.ts';
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
      js: "import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);",
    },
    // As the product: optional compiled parts of drivers, and what is never used, stay out.
    external: ['*.node', 'pg-native', 'cpu-features'],
    plugins: [ink(), docker()],
  });
  return outfile;
}
