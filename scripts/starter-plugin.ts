import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Plugin } from 'esbuild';
import { readTree } from '../src/services/starter/starter-files.ts';

/**
 * Packs the starter into one JSON file beside the bundle: npm leaves .npmrc and .gitignore out of every
 * package, wherever they are.
 */
export function starter(file: string): Plugin {
  return {
    name: 'starter',
    setup(build) {
      build.onEnd(async () => {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, JSON.stringify(Object.fromEntries(await readTree('starter'))));
      });
    },
  };
}
