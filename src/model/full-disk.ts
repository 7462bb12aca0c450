/** The kernel's words for a disk without room, as Docker, npm, tar, dd and Node repeat them. */
export const FULL_DISK = /ENOSPC|EDQUOT|no space left on device|quota exceeded/i;

export function saysFullDisk(text: string): boolean {
  return FULL_DISK.test(text);
}

/** Where a file could not be written, of an error that the file system gave; null for any other error. */
export function fullDiskOf(error: unknown): { path: string | null } | null {
  const { code, path } = (error ?? {}) as { code?: unknown; path?: unknown };
  if (!saysFullDisk(String(code))) return null;
  return { path: typeof path === 'string' ? path : null };
}
