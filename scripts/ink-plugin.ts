import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/**
 * What Ink and ink-table need to be bundled, and to live long.
 *
 * ink-table requires Ink, which nothing may require (src/components/ink-table.ts): here its source
 * is given the modules that were imported.
 *
 * Ink keeps every text it ever measured or wrapped. A dashboard has new ones each second, so that
 * this would fill the memory of a small server in days: here the two caches are bounded.
 */
export function ink(): Plugin {
  return {
    name: 'ink',
    setup(build) {
      build.onLoad({ filter: /[\\/]components[\\/]ink-table\.ts$/ }, () => {
        return {
          contents: "export { default } from 'ink-table';",
          resolveDir: import.meta.dirname,
        };
      });
      build.onLoad({ filter: /[\\/]ink-table[\\/]dist[\\/]index\.js$/ }, async ({ path }) => {
        return { contents: asModule(await readFile(path, 'utf8')), loader: 'js' };
      });
      build.onLoad(
        { filter: /[\\/]ink[\\/]build[\\/](measure|wrap)-text\.js$/ },
        async ({ path }) => {
          return { contents: bounded(await readFile(path, 'utf8'), path), loader: 'js' };
        },
      );
    },
  };
}

function asModule(source: string): string {
  return `
    import * as ink from 'ink';
    import * as react from 'react';
    import hash from 'object-hash';
    const modules = { ink, react, 'object-hash': hash };
    const exports = {};
    ((require) => {${source}
    })((name) => modules[name]);
    export default exports.default;`;
}

const LIMIT = 2_000;

function bounded(source: string, path: string): string {
  const changed = path.endsWith('measure-text.js')
    ? source.replace(/cache\.set\(/, `if (cache.size > ${LIMIT}) cache.clear();\n    cache.set(`)
    : source
        .replace(/const cache = \{\};/, 'let cache = {}, kept = 0;')
        .replace(
          /(cache\[cacheKey\] = )/,
          `if (++kept > ${LIMIT}) (cache = {}), (kept = 0);\n    $1`,
        );
  if (changed === source) throw new Error(`${path} has changed: its cache must be bounded anew.`);
  return changed;
}
