import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Need } from './needs.ts';

/** Where a program of this machine is; daemons live outside of a normal user's PATH. */
export function findProgram(name: string): string | null {
  const dirs = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return dirs.map((dir) => join(dir, name)).find(canRun) ?? null;
}

export function needProgram(name: string, from = `install the package ${name}`): Need {
  return { name, missing: findProgram(name) ? null : from };
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
