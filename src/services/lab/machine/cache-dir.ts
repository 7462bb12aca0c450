import { lstatSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ExternalError } from '../../../errors.ts';

/** PortSync's own directory for what can be had again: `$XDG_CACHE_HOME/portsync`, made if missing. */
export function cacheDir(): string {
  const home = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  // A user such as nobody has no home that can be written to.
  const candidates = [join(home, 'portsync'), join(tmpdir(), `portsync-${userInfo().uid}`)];
  for (const dir of candidates) if (isOurs(dir)) return dir;
  throw new ExternalError({
    code: 'no-cache-dir',
    message: 'The lab has no directory to note down what it starts.',
    why: `Neither ${candidates.join(' nor ')} can be made or written by this user.`,
    next: 'Set XDG_CACHE_HOME to a directory that you own.',
  });
}

/** In a directory that all may write to, someone else may have made ours before us. */
function isOurs(dir: string): boolean {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const found = lstatSync(dir);
    return found.isDirectory() && found.uid === userInfo().uid && (found.mode & 0o022) === 0;
  } catch {
    return false;
  }
}
