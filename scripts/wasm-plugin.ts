import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

const MODULE = 'pg_dump.wasm';

/** Lays the WebAssembly that a package loads from beside itself into `folder`, beside the bundle. */
export function wasm(folder: string): Plugin {
  return {
    name: 'wasm',
    setup(build) {
      build.onEnd(async () => {
        const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite-tools/pg_dump');
        await mkdir(folder, { recursive: true });
        await copyFile(join(dirname(entry), MODULE), join(folder, MODULE));
      });
    },
  };
}
