import { defineConfig } from 'tsup';
import { commonjs } from './scripts/commonjs-plugin.ts';
import { docker } from './scripts/docker-plugin.ts';
import { ink } from './scripts/ink-plugin.ts';
import { licences } from './scripts/licences-plugin.ts';
import { starter } from './scripts/starter-plugin.ts';
import { wasm } from './scripts/wasm-plugin.ts';

// Everything is bundled, with its licences beside it: an install brings no packages along, so that
// it stays small on a $5 server and starts fast.
export default defineConfig({
  entry: {
    cli: 'src/cli.ts',
    // Programs that PortSync starts; src/services/programs.ts knows them by these names.
    'lab-host': 'src/services/lab/host/main.ts',
    'lab-app': 'src/services/lab/app/main.ts',
    'lab-traffic': 'src/services/lab/traffic/main.ts',
    'migration-worker': 'src/services/migration/worker/main.ts',
    // A thread of its own; src/services/postgres/dump/wasm.ts knows it by this name.
    'pg-dump-worker': 'src/services/postgres/dump/wasm-worker.ts',
  },
  outDir: 'dist',
  format: 'esm',
  outExtension: () => ({ js: '.cjs' }),
  target: 'node20',
  platform: 'node',
  splitting: true,
  clean: true,
  minify: true,
  treeshake: false,
  sourcemap: false,
  silent: true,
  noExternal: [/^(?!.*\.node$|pg-native$|cpu-features$)/],
  // Optional parts of drivers, which do without them; a compiled one would tie the bundle to a machine.
  external: [/\.node$/, 'pg-native', 'cpu-features'],
  plugins: [commonjs()],
  esbuildPlugins: [
    ink(),
    docker(),
    wasm('dist'),
    starter('dist/starter.json'),
    licences('dist/LICENSES.txt', ['scripts/licences/postgresql.txt']),
  ],
  define: { 'process.env.NODE_ENV': '"production"' },
});
