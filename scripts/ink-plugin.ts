import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Plugin } from 'esbuild';
import { type Change, edit } from './edit.ts';

/**
 * What Ink and ink-table need to be bundled, and to live long in little memory.
 *
 * ink-table requires Ink, which nothing may require (src/components/ink-table.ts): here its source
 * is given the modules that were imported.
 *
 * With DEV=true in the environment, Ink looks for a debugger and its own package.json, which are not
 * in the bundle.
 *
 * Ink keeps every text it ever measured or wrapped. A dashboard has new ones each second, so that
 * this would fill the memory of a small server in days: here these caches are bounded. And it takes
 * every line of every frame apart again, though few of them changed: here it remembers the last
 * ones, and uses our faster ways to measure and to tokenise (src/terminal/fast-*.ts). What these
 * fall back on loads Unicode's tables (7 MB, 10 ms) when there is text that needs them, not before.
 *
 * Yoga, Ink's layout, fetches its program from a data URL, for which Node loads a whole HTTP client
 * (30 ms, 5 MB): here it decodes the text that it has.
 */
export function ink(): Plugin {
  return {
    name: 'ink',
    setup(build) {
      for (const [name, file] of REPLACED) {
        // Not relative to this file, which is bundled into tsup's configuration first.
        build.onResolve({ filter: name }, ({ importer }) => {
          return USERS.test(importer) ? { path: resolve(file) } : undefined;
        });
      }
      for (const [filter, change] of CHANGES) {
        build.onLoad({ filter }, async ({ path }) => {
          const source = await readFile(path, 'utf8');
          return { contents: change(source, path), loader: 'js' };
        });
      }
    },
  };
}

const USERS = /[\\/](node_modules[\\/](ink|widest-line)|src[\\/]components)[\\/]/;

const REPLACED: [name: RegExp, file: string][] = [
  [/^string-width$/, 'src/terminal/fast-width.ts'],
  [/^@alcalzone\/ansi-tokenize$/, 'src/terminal/fast-tokens.ts'],
];

const TEXTS = 2_000;
const LINES = 300;

/** Ink fills an empty frame with these, a new one for each cell, and never changes them. */
const BLANK = "{ type: 'char', value: ' ', fullWidth: false, styles: [] }";

/** Text in which each character is one that people see, colour sequences included. */
const PLAIN = String.raw`/^[\x20-\x7e\x1b]*$/`;

const CHANGES: [file: RegExp, change: Change][] = [
  [
    /[\\/]yoga-layout[\\/]dist[\\/]binaries[\\/]yoga-wasm-base64-esm\.js$/,
    edit(['function ya(){return w||"function"!=typeof fetch?', 'function ya(){return true?']),
  ],
  [/[\\/]src[\\/]components[\\/]ink-table\.ts$/, () => "export { default } from 'ink-table';"],
  [/[\\/]ink-table[\\/]dist[\\/]index\.js$/, asModule],
  [
    /[\\/](string-width[\\/]index|slice-ansi[\\/]tokenize-ansi|ansi-tokenize[\\/]build[\\/]tokenize)\.js$/,
    edit([
      /^const (\w+) = (new Intl\.Segmenter\(.*\));$/m,
      `let tables; const $1 = { segment: (text) => ${PLAIN}.test(text)
        ? Array.from(text, (segment, index) => ({ segment, index }))
        : (tables ??= $2).segment(text) };`,
    ]),
  ],
  [/[\\/]ink[\\/]build[\\/]utils\.js$/, () => 'export const isDev = () => false;'],
  [/[\\/]ink[\\/]build[\\/]devtools\.js$/, () => 'export {};'],
  [
    /[\\/]ink[\\/]build[\\/]measure-text\.js$/,
    edit(['cache.set(', `if (cache.size > ${TEXTS}) cache.clear();\n$&`]),
  ],
  [
    /[\\/]ink[\\/]build[\\/]wrap-text\.js$/,
    edit(
      ['const cache = {};', 'let cache = {}, kept = 0;'],
      ['cache[cacheKey] = ', `if (++kept > ${TEXTS}) cache = {}, kept = 0;\n$&`],
    ),
  ],
  [
    /[\\/]ink[\\/]build[\\/]output\.js$/,
    edit(
      ['export default class', `const shared = new OutputCaches();\nconst blank = ${BLANK};\n$&`],
      ['caches = new OutputCaches();', 'caches = shared;'],
      [/row\.push\(\{[^}]*\}\);/, 'row.push(blank);'],
      [
        'this.styledChars.set(',
        `if (this.styledChars.size > ${LINES}) this.styledChars.clear();\n$&`,
      ],
      ['this.widths.set(', `if (this.widths.size > ${TEXTS}) this.widths.clear();\n$&`],
      [
        'this.blockWidths.set(',
        `if (this.blockWidths.size > ${TEXTS}) this.blockWidths.clear();\n$&`,
      ],
    ),
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
