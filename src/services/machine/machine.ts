import { cpus, homedir, totalmem } from 'node:os';
import type { MachineInfo } from '../../model/project.ts';
import { engineVersion } from '../docker/index.ts';

const ENGINE_LIMIT_MS = 2000;

/** This machine, as the start menu tells it. */
export async function machineInfo(): Promise<MachineInfo> {
  const docker = await engineVersion(AbortSignal.timeout(ENGINE_LIMIT_MS));
  return { cores: cpus().length, memoryBytes: totalmem(), docker, dir: placeFor(process.cwd()) };
}

/** Not among whatever else lies in somebody's home or in the root of the disk. */
function placeFor(cwd: string): string {
  return cwd === '/' || cwd === homedir() ? '~/app' : cwd;
}
