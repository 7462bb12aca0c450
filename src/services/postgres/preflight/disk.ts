import { statfs } from 'node:fs/promises';

/** Where the volumes of this machine's containers are, unless somebody moved them. */
const DOCKERS = '/var/lib/docker';

/** Bytes that are free where a server of this machine keeps its data; null where it cannot be seen. */
export async function freeDisk(
  dataDirectory: string | null,
  container: boolean,
): Promise<number | null> {
  const path = container ? DOCKERS : dataDirectory;
  if (path === null) return null;
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    // Another user's directory, or a path inside of a container that we know nothing of.
    return null;
  }
}
