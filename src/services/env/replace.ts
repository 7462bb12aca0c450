import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { ExternalError } from '../../errors.ts';
import type { Disk } from '../disk/disk.ts';
import { createFile, errorCode } from '../disk/files.ts';
import { FILE_MODE } from '../disk/state-dir.ts';

/**
 * Puts `data` where `path` is, in one step, with the owner and mode of the file before; through a
 * symlink, which stays. Does nothing and answers false when the file no longer holds `expected`.
 */
export async function replaceFile(
  disk: Disk,
  path: string,
  data: Uint8Array,
  expected: Uint8Array | null,
): Promise<boolean> {
  const target = await targetOf(disk, path);
  const dir = dirname(target);
  const temporary = join(dir, temporaryPrefix(target) + randomBytes(6).toString('hex'));
  const before = await disk.facts(target);
  const owner = before ? null : await disk.ownerFor(dir);
  const like = before ?? (owner && { ...owner, mode: FILE_MODE });
  await createFile(disk, temporary, data, like).catch((error) => {
    throw errorCode(error) === 'EPERM' && before ? notTheOwner(target, error) : error;
  });
  try {
    const stamp = (await disk.facts(target))?.stamp ?? null;
    const same = sameBytes(await disk.read(target), expected);
    const done = same && (await disk.renameOver(temporary, target, stamp));
    if (done) await disk.syncDir(dir);
    else await disk.remove(temporary);
    return done;
  } catch (error) {
    await disk.remove(temporary).catch(() => {});
    throw error;
  }
}

/** What a killed process left beside the file. Only while no other process can be replacing it. */
export async function removeTemporaries(disk: Disk, path: string): Promise<void> {
  const target = (await disk.realPath(path)) ?? path;
  const names = await disk.list(dirname(target));
  for (const name of names.filter((each) => each.startsWith(temporaryPrefix(target)))) {
    await disk.remove(join(dirname(target), name));
  }
}

function temporaryPrefix(target: string): string {
  return `.${basename(target)}.portsync-`;
}

export function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
}

async function targetOf(disk: Disk, path: string): Promise<string> {
  const target = await disk.realPath(path);
  if (target !== null) return target;
  if ((await disk.readLink(path)) === null) return path;
  throw new ExternalError({
    code: 'env-link-broken',
    message: `${path} is a link to a file that does not exist.`,
    next: 'Make that file, or remove the link, then run the command again.',
  });
}

function notTheOwner(target: string, cause: unknown): ExternalError {
  return new ExternalError({
    code: 'env-owner',
    message: `${target} was not changed: it could not be given back to its owner.`,
    why: 'It belongs to another user or group.',
    next: 'Run the command as its owner, or as root.',
    cause,
  });
}
