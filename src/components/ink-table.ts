// biome-ignore lint/style/noRestrictedImports: loads a module, does no I/O of its own
import { createRequire } from 'node:module';
import * as ink from 'ink';
import type module from 'ink-table';

/*
 * ink-table is CommonJS and requires Ink, which is an ES module with a top-level await: Node refuses
 * that. So Ink, loaded already, is put where `require` looks first. In the bundle this file is
 * replaced (scripts/ink-plugin.ts).
 */
const require = createRequire(import.meta.url);
const path = require.resolve('ink');
require.cache[path] ??= Object.assign(Object.create(null), {
  id: path,
  exports: ink,
  loaded: true,
});

export default (require('ink-table') as typeof module).default;
