import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Look } from './look.ts';

/** The file system that holds `path`, or the root where `path` is not there. */
export async function diskOf(path: string): Promise<Look['disk']> {
  const there = await stat(path).then(
    () => path,
    () => '/',
  );
  const [figures, mount] = await Promise.all([statfs(there), mountOf(there)]);
  const usedBytes = (figures.blocks - figures.bfree) * figures.bsize;
  // As df counts: what is reserved for root is nobody's to use.
  return { usedBytes, totalBytes: usedBytes + figures.bavail * figures.bsize, mount };
}

/** The highest directory above `path` on the same device. */
async function mountOf(path: string): Promise<string> {
  const { dev } = await stat(path);
  let mount = path;
  while (mount !== '/') {
    const above = dirname(mount);
    if ((await stat(above)).dev !== dev) break;
    mount = above;
  }
  return mount;
}
