import type { Disk, FileFacts } from './disk.ts';

const MODE = 0o600;

export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}

/** Node names the file in an error only where it was called by its name. */
export async function naming<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw Object.assign(error as Error, { path });
  }
}

/** Writes a new file and syncs it; a half-written one is removed again. */
export async function createFile(
  disk: Disk,
  path: string,
  data: Uint8Array,
  like: Pick<FileFacts, 'uid' | 'gid' | 'mode'> | null,
): Promise<void> {
  const file = await disk.open(path, 'create', MODE);
  try {
    try {
      await file.write(data);
      if (like) {
        await file.setOwner(like.uid, like.gid);
        await file.setMode(like.mode);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await disk.remove(path).catch(() => {});
    throw error;
  }
}
