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
 * The bundle is CommonJS, where no module can await anything while it is loaded. Ink does so with
 * DEV=true in the environment, for a debugger and its own package.json, which are not in the bundle;
 * and for its layout, Yoga, whose program it fetches from a data URL. Here that is decoded and
 * compiled on the spot: 0.1 MB, without the HTTP client that a fetch loads (30 ms, 5 MB).
 *
 * Ink keeps every text it ever measured or wrapped. A dashboard has new ones each second, so that
 * this would fill the memory of a small server in days: here these caches are bounded. And it takes
 * every line of every frame apart again, though few of them changed: here it remembers the last
 * ones, and uses our faster ways to measure and to tokenise (src/terminal/fast-*.ts). What these
 * fall back on loads Unicode's tables (7 MB, 10 ms) when there is text that needs them, not before.
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
    edit([
      'var H;H="data:',
      `var H;h.instantiateWasm = (imports, receive) => {
        const program = new WebAssembly.Module(Buffer.from(H.slice(H.indexOf(',') + 1), 'base64'));
        const instance = new WebAssembly.Instance(program, imports);
        receive(instance);
        return instance.exports;
      };
      H="data:`,
    ]),
  ],
  [
    /[\\/]yoga-layout[\\/]dist[\\/]src[\\/]index\.js$/,
    edit([
      'const Yoga = wrapAssembly(await loadYoga());',
      'const assembly = {};\nloadYoga(assembly);\nconst Yoga = wrapAssembly(assembly);',
    ]),
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
  [
    /[\\/]ink[\\/]build[\\/]reconciler\.js$/,
    edit(["await import('./devtools.js')", ''], ['await loadPackageJson()', '{}']),
  ],
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
