import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isAlive, type ProcessIdentity } from '../../src/services/lab/machine/identity.ts';
import { until } from './until.ts';

/** Everything that a lab has started and made, as it was written down while it ran. */
export interface LabTraces {
  file: string;
  host: ProcessIdentity;
  runtime: string;
  started: ProcessIdentity[];
}

/** Of all labs written down in PortSync's cache under `cacheHome`. */
export function tracesIn(cacheHome: string): LabTraces[] {
  const dir = join(cacheHome, 'portsync', 'labs');
  if (!existsSync(dir)) return [];
  // Beside them are, for a moment, files that are still being written.
  const names = readdirSync(dir).filter((name) => name.endsWith('.json'));
  return names.map((name) => {
    const file = join(dir, name);
    return { file, ...JSON.parse(readFileSync(file, 'utf8')) };
  });
}

/** Of the lab whose project this is. */
export function tracesOf(cacheHome: string, project: string): LabTraces {
  const found = tracesIn(cacheHome).find(({ runtime }) => project.startsWith(runtime));
  if (!found) throw new Error(`No lab of ${basename(project)} is written down.`);
  return found;
}

/** Waits until no process and no file of the lab is left. */
export async function untilNothingIsLeft({ file, host, runtime, started }: LabTraces) {
  const left = () => [
    ...[host, ...started].filter(isAlive).map(({ pid }) => `process ${pid}`),
    ...[runtime, file].filter((path) => existsSync(path)),
  ];
  await until(() => left().length === 0, 30_000, 'nothing of the lab is left').catch((error) => {
    throw new Error(`${error.message}: ${left().join(', ')}`);
  });
}
