import { lstatSync, readlinkSync, renameSync, statSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import type { Disk, FileFacts, OpenFile } from './disk.ts';
import { naming } from './files.ts';

/** The machine's own file system. */
export const nodeDisk: Disk = {
  facts: async (path) => orNull(() => factsOf(path)),
  read: (path) => fs.readFile(path).catch(nullIfMissing),
  async open(path, how, mode) {
    return openFile(await fs.open(path, how === 'create' ? 'wx' : 'a', mode), path);
  },
  list: async (dir) => (await fs.readdir(dir).catch(nullIfMissing)) ?? [],
  async makeDir(path, mode, owner) {
    try {
      await fs.mkdir(path, { mode });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
      throw error;
    }
    if (owner) await fs.chown(path, owner.uid, owner.gid);
  },
  async ownerFor(dir) {
    if (process.getuid?.() !== 0) return null;
    const { uid, gid } = statSync(dir);
    return { uid, gid };
  },
  rename: (from, to) => fs.rename(from, to),
  async renameOver(from, to, stamp) {
    // Synchronous: a few microseconds are left in which another program's save would be overwritten.
    if ((orNull(() => factsOf(to))?.stamp ?? null) !== stamp) return false;
    renameSync(from, to);
    return true;
  },
  remove: (path) => fs.rm(path, { force: true }),
  async syncDir(dir) {
    const handle = await fs.open(dir, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  realPath: (path) => fs.realpath(path).catch(nullIfMissing),
  async makeLink(text, path) {
    try {
      await fs.symlink(text, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  },
  readLink: async (path) =>
    orNull(() => ({ text: readlinkSync(path), madeAt: lstatSync(path).mtimeMs })),
};

function openFile(handle: fs.FileHandle, path: string): OpenFile {
  return {
    write: (data) => naming(path, handle.writeFile(data)),
    setOwner: (uid, gid) => handle.chown(uid, gid),
    setMode: (mode) => handle.chmod(mode),
    sync: () => naming(path, handle.sync()),
    close: () => handle.close(),
  };
}

function factsOf(path: string): FileFacts {
  const stat = statSync(path, { bigint: true });
  return {
    stamp: [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join('.'),
    size: Number(stat.size),
    changedAt: Number(stat.mtimeMs),
    isFile: stat.isFile(),
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
  };
}

function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    return nullIfMissing(error);
  }
}

function nullIfMissing(error: unknown): null {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  throw error;
}
