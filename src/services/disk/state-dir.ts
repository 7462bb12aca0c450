import { dirname, join } from 'node:path';
import type { Disk } from './disk.ts';
import { createFile } from './files.ts';

export const DIR_MODE = 0o700;
export const FILE_MODE = 0o600;

export function stateDirOf(projectDir: string): string {
  return join(projectDir, '.portsync');
}

/** Makes `.portsync` and the directory `name` in it, for the project's owner alone; answers its path. */
export async function makeStateDir(disk: Disk, projectDir: string, name: string): Promise<string> {
  const stateDir = stateDirOf(projectDir);
  const dir = join(stateDir, name);
  if (!(await disk.facts(dir))) {
    const owner = await disk.ownerFor(projectDir);
    for (const each of [stateDir, dir]) {
      await disk.makeDir(each, DIR_MODE, owner);
      await disk.syncDir(dirname(each));
    }
  }
  await ignoreInGit(disk, stateDir);
  return dir;
}

/** Copies of secrets must not get into a repository because of one careless `git add`. */
async function ignoreInGit(disk: Disk, stateDir: string): Promise<void> {
  const file = join(stateDir, '.gitignore');
  if (await disk.facts(file)) return;
  await createPrivate(disk, stateDir, file, '*\n').catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** A new file that belongs to whom `stateDir` belongs to, and only they can read. */
export async function createPrivate(
  disk: Disk,
  stateDir: string,
  path: string,
  content: Uint8Array | string,
): Promise<void> {
  const owner = await disk.ownerFor(stateDir);
  await createFile(disk, path, Buffer.from(content), owner && { ...owner, mode: FILE_MODE });
}

/** Appends and syncs; a line that was cut off before does not spoil the new one. */
export async function appendLines(
  disk: Disk,
  stateDir: string,
  path: string,
  lines: string,
): Promise<void> {
  const before = await disk.read(path);
  if (!before) return createPrivate(disk, stateDir, path, lines);
  const torn = before.length > 0 && before.at(-1) !== 0x0a ? '\n' : '';
  const file = await disk.open(path, 'append', FILE_MODE);
  try {
    await file.write(Buffer.from(torn + lines));
    await file.sync();
  } finally {
    await file.close();
  }
}
