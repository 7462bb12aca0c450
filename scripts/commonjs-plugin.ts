import { transform } from 'esbuild';
import type { Options } from 'tsup';

type Plugin = NonNullable<Options['plugins']>[number];

const URL_OF_FILE = "const __url = require('node:url').pathToFileURL(__filename).href;";

/**
 * Turns the chunks of the bundle into CommonJS: esbuild splits a bundle only as ES modules, and tsup's
 * own way from there breaks minified code.
 */
export function commonjs(): Plugin {
  return {
    name: 'commonjs',
    async renderChunk(code, { type }) {
      if (type !== 'chunk') return undefined;
      const chunk = await transform(code, {
        format: 'cjs',
        platform: 'node',
        target: 'node20',
        // A chunk that is loaded later is required later.
        supported: { 'dynamic-import': false },
        define: { 'import.meta.url': '__url' },
        ...(code.includes('import.meta.url') ? { banner: URL_OF_FILE } : {}),
        minify: true,
      });
      return { code: chunk.code };
    },
  };
}
