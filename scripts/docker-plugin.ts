import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import { edit } from './edit.ts';

/** BuildKit's sessions, contexts of a build, and an SSH of its own: src/services/ssh does that. */
const UNUSED = /^(@grpc\/.*|protobufjs|tar-fs|@balena\/dockerignore|ssh2)$/;
const USERS = /[\\/]node_modules[\\/](dockerode|docker-modem)[\\/]/;

/**
 * dockerode for a dashboard: without the packages that it loads at its start and that PortSync has
 * no use for, which would take half of the time to the first container; and without a debug log for
 * which every request, a ping each second too, is printed in full, wanted or not.
 */
export function docker(): Plugin {
  return {
    name: 'docker',
    setup(build) {
      build.onResolve({ filter: UNUSED }, ({ path, importer }) =>
        USERS.test(importer) ? { path, namespace: 'unused' } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({
        contents: 'module.exports = {}',
      }));
      build.onLoad({ filter: /[\\/]docker-modem[\\/]lib[\\/]modem\.js$/ }, async ({ path }) => ({
        contents: unlogged(await readFile(path, 'utf8'), path),
        loader: 'js',
      }));
    },
  };
}

const unlogged = edit(
  ["debug = require('debug')('modem')", 'debug = () => {}'],
  [/debug\('Sending: %s', util\.inspect\(options, \{[^}]*\}\)\);/, ''],
);
