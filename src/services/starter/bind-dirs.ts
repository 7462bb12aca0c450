import { access } from 'node:fs/promises';
import { join, normalize, posix } from 'node:path';
import { type Compose, isRecord, list } from '../swarm/compose.ts';

/** Directories of the project that services mount, as the compose file names them. */
export function bindDirs({ services }: Compose): string[] {
  const sources = Object.values(services).flatMap(({ volumes }) => list(volumes).map(sourceOf));
  const dirs = sources
    .filter((source) => source !== null)
    .map((source) => normalize(source).replace(/\/$/, ''));
  return [...new Set(dirs.filter(isDirOfProject))].sort();
}

/** Those that are not there: `docker compose` makes them, and a swarm refuses to start the service. */
export async function missingDirs(compose: Compose, projectDir: string): Promise<string[]> {
  const missing: string[] = [];
  for (const dir of bindDirs(compose)) {
    const there = await access(join(projectDir, dir)).then(
      () => true,
      () => false,
    );
    if (!there) missing.push(dir);
  }
  return missing;
}

function sourceOf(volume: unknown): string | null {
  if (isRecord(volume)) return volume.type === 'bind' ? relative(String(volume.source)) : null;
  return relative(String(volume).split(':')[0] ?? '');
}

function relative(source: string): string | null {
  return source.startsWith('./') ? source : null;
}

/** What ends like a file is one that somebody forgot. PortSync's own are made by whoever needs them. */
function isDirOfProject(path: string): boolean {
  const within = !/^\.\.|^\.$|^\.portsync\b|\$/.test(path);
  return within && posix.extname(path) === '';
}
