import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';
import { edit } from './edit.ts';

const MODULE = 'pg_dump.wasm';
const PROGRAM = /[\\/]pglite-tools[\\/]dist[\\/]chunk-\w+\.js$/;

/**
 * Lays the WebAssembly that a package loads from beside itself into `folder`, beside the bundle. The
 * package makes itself a `require`, which hides the one that the bundle has.
 */
export function wasm(folder: string): Plugin {
  return {
    name: 'wasm',
    setup(build) {
      build.onLoad({ filter: PROGRAM }, async ({ path }) => ({
        contents: withoutRequire(await readFile(path, 'utf8'), path),
        loader: 'js',
      }));
      build.onEnd(async () => {
        const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite-tools/pg_dump');
        await mkdir(folder, { recursive: true });
        await copyFile(join(dirname(entry), MODULE), join(folder, MODULE));
      });
    },
  };
}

const withoutRequire = edit([/var require=\w+\(\w+\)/, '']);
