import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * What Ink and ink-table need to be bundled, and to live long.
 *
 * ink-table requires Ink, which nothing may require (src/components/ink-table.ts): here its source
 * is given the modules that were imported.
 *
 * With DEV=true in the environment, Ink looks for a debugger and its own package.json, which are not
 * in the bundle.
 *
 * Ink keeps every text it ever measured or wrapped. A dashboard has new ones each second, so that
 * this would fill the memory of a small server in days: here the two caches are bounded. And it
 * takes every line of every frame apart again, though few of them changed: here it remembers the
 * last ones, and uses our faster ways to measure and to tokenise (src/terminal/fast-*.ts).
 */
export function ink(): Plugin {
  return {
    name: 'ink',
    setup(build) {
      for (const [name, file] of REPLACED) {
        build.onResolve({ filter: name }, ({ importer }) => {
          return USERS.test(importer) ? { path: join(import.meta.dirname, '..', file) } : undefined;
        });
      }
      for (const [file, change] of CHANGES) {
        build.onLoad({ filter: file }, async ({ path }) => {
          const source = await readFile(path, 'utf8');
          const contents = change(source);
          if (contents === source) throw new Error(`${path} is not what it was: look at it anew.`);
          return { contents, loader: 'js' };
        });
      }
    },
  };
}

const USERS = /[\\/]node_modules[\\/](ink|widest-line)[\\/]/;

const REPLACED: [name: RegExp, file: string][] = [
  [/^string-width$/, 'src/terminal/fast-width.ts'],
  [/^@alcalzone\/ansi-tokenize$/, 'src/terminal/fast-tokens.ts'],
];

const LIMIT = 2_000;
/** Lines taken apart need some 6 kB each. */
const LINES = 300;

const CHANGES: [file: RegExp, change: (source: string) => string][] = [
  [/[\\/]src[\\/]components[\\/]ink-table\.ts$/, () => "export { default } from 'ink-table';"],
  [/[\\/]ink-table[\\/]dist[\\/]index\.js$/, asModule],
  [/[\\/]ink[\\/]build[\\/]utils\.js$/, () => 'export const isDev = () => false;'],
  [/[\\/]ink[\\/]build[\\/]devtools\.js$/, () => 'export {};'],
  [
    /[\\/]ink[\\/]build[\\/]measure-text\.js$/,
    (source) =>
      source.replace('cache.set(', `if (cache.size > ${LIMIT}) cache.clear();\ncache.set(`),
  ],
  [
    /[\\/]ink[\\/]build[\\/]output\.js$/,
    (source) =>
      source
        .replace('export default class', 'const shared = new OutputCaches();\n$&')
        .replace('caches = new OutputCaches();', 'caches = shared;')
        .replace(
          'this.styledChars.set(',
          `if (this.styledChars.size > ${LINES}) this.styledChars.clear();\n$&`,
        )
        .replace('this.widths.set(', `if (this.widths.size > ${LIMIT}) this.widths.clear();\n$&`)
        .replace(
          'this.blockWidths.set(',
          `if (this.blockWidths.size > ${LIMIT}) this.blockWidths.clear();\n$&`,
        ),
  ],
  [
    /[\\/]ink[\\/]build[\\/]wrap-text\.js$/,
    (source) =>
      source
        .replace('const cache = {};', 'let cache = {}, kept = 0;')
        .replace('cache[cacheKey] = ', `if (++kept > ${LIMIT}) cache = {}, kept = 0;\n$&`),
  ],
];

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
