import { ExternalError, PortSyncError, UsageError } from '../../errors.ts';
import { errorCode } from '../disk/files.ts';
import type { Patience } from '../lock/lock.ts';

export const LARGEST_BYTES = 16 * 1024 * 1024;

/** The file system's error in words, under `message`, which says what failed and what became of it. */
export function translated(error: unknown, message: string): unknown {
  if (error instanceof PortSyncError) return error;
  const known = KNOWN[errorCode(error) ?? ''];
  if (!known) return error;
  const [code, why, next] = known;
  return new ExternalError({ code, message, why, next, cause: error });
}

const FREE_SPACE = 'Free some space (portsync env prune removes old versions), then try again.';
const ANOTHER_USER = 'Run the command as the user who owns the project directory.';

const KNOWN: Record<string, [code: string, why: string, next: string]> = {
  ENOSPC: ['env-disk-full', 'The disk is full.', FREE_SPACE],
  EDQUOT: ['env-disk-full', 'The disk quota is used up.', FREE_SPACE],
  EROFS: [
    'env-read-only',
    'The file system is read-only.',
    'Mount it for writing, then try again.',
  ],
  EACCES: ['env-denied', 'The directory or the file does not let this user.', ANOTHER_USER],
  EPERM: ['env-denied', 'The directory or the file does not let this user.', ANOTHER_USER],
  EBUSY: [
    'env-mounted',
    'The file itself is a mount (of a container, perhaps), so nothing can take its place.',
    'Mount the directory that it is in, not the file; or change it on the host.',
  ],
  EIO: ['env-io', 'The disk reports an error.', 'Check the disk: dmesg, smartctl.'],
  EMFILE: ['env-io', 'This process has too many files open.', 'Raise the limit: ulimit -n.'],
};

export function notAFile(file: string): UsageError {
  return new UsageError({
    code: 'env-not-a-file',
    message: `${file} is not a regular file.`,
    next: 'Put the variables into a plain file of that name.',
  });
}

export function tooLarge(file: string, bytes: number): UsageError {
  return new UsageError({
    code: 'env-too-large',
    message: `${file} is too large to be a .env: ${bytes} bytes.`,
    why: `PortSync keeps every version whole, of up to ${LARGEST_BYTES} bytes.`,
    next: 'Keep large data in a file of its own and put its path into the .env.',
  });
}

export function missing(file: string): UsageError {
  return new UsageError({
    code: 'env-missing',
    message: `There is no ${file}.`,
    why: 'It was never made, or it was removed.',
    next: 'portsync env set KEY makes one; portsync env list shows what there was.',
  });
}

export function stillChanging(file: string): ExternalError {
  return new ExternalError({
    code: 'env-busy',
    message: `${file} is being written by another program again and again. Nothing was changed.`,
    next: 'Save it there, then run the command again. Every state of it that was seen is kept.',
  });
}

export function noSuchVersion(id: string, several: boolean): UsageError {
  return new UsageError({
    code: several ? 'env-version-ambiguous' : 'env-version-unknown',
    message: several
      ? `More than one version starts with “${id}”.`
      : `There is no version “${id}”.`,
    next: 'portsync env list shows them all; the beginning of an id is enough.',
  });
}

/** Work under this lock takes well under a second. */
export const PATIENCE: Patience = {
  waitMs: 30_000,
  refusal: (who, path, waitedMs) =>
    new ExternalError({
      code: 'env-locked',
      message: 'The .env is being changed by someone else. Nothing was changed.',
      why: `${who} has held ${path} for ${Math.round(waitedMs / 1000)} s or longer.`,
      next: 'Let it finish or end it, then run the command again.',
    }),
};
