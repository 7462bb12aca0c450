import type { Plugin } from 'esbuild';

/**
 * Leaves packages out that a library loads at its start and that PortSync has no use for: dockerode
 * brings gRPC along for BuildKit sessions only.
 */
export function without(packages: RegExp): Plugin {
  return {
    name: 'without',
    setup(build) {
      build.onResolve({ filter: packages }, ({ path }) => ({ path, namespace: 'without' }));
      build.onLoad({ filter: /.*/, namespace: 'without' }, () => ({
        contents: 'module.exports = {}',
      }));
    },
  };
}
