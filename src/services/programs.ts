import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface Program {
  command: string;
  args: readonly string[];
}

/** Named as tsup.config.ts names them. */
const SOURCES = {
  'lab-app': './lab/app/main.ts',
  'lab-traffic': './lab/traffic/main.ts',
  'lab-host': './lab/host/main.ts',
  'migration-worker': './migration/worker/main.ts',
} as const;

/** A program of PortSync's own: bundled beside this file, or from source while that is what runs. */
export function ownProgram(name: keyof typeof SOURCES): Program {
  const command = process.execPath;
  if (!import.meta.url.endsWith('.ts')) {
    return { command, args: [fileURLToPath(new URL(`./${name}.cjs`, import.meta.url))] };
  }
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const source = fileURLToPath(new URL(SOURCES[name], import.meta.url));
  return { command, args: ['--import', loader, source] };
}
