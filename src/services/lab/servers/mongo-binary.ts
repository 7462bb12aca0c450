import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ExternalError } from '../../../errors.ts';
import { cacheDir } from '../machine/cache-dir.ts';

/** `$PORTSYNC_MONGOD`, else on the PATH, else in PortSync's cache; null when nowhere. */
export async function findMongod(): Promise<string | null> {
  const named = process.env.PORTSYNC_MONGOD;
  const path = (process.env.PATH ?? '').split(delimiter).map((dir) => join(dir, 'mongod'));
  for (const file of named ? [named] : [...path, join(cacheDir(), 'mongod')]) {
    if (await canRun(file)) return file;
  }
  return null;
}

export function mongodMissing(): ExternalError {
  const named = process.env.PORTSYNC_MONGOD;
  return new ExternalError({
    code: 'no-mongod',
    message: 'The lab found no mongod.',
    why: named
      ? `PORTSYNC_MONGOD names ${named}, which cannot be run.`
      : `None is on the PATH or at ${join(cacheDir(), 'mongod')}.`,
    next:
      'Install MongoDB Community Server 6 or newer (mongodb-org-server, mongodb-community), or set ' +
      'PORTSYNC_MONGOD to a mongod. Without --db mongo the lab runs on PostgreSQL.',
  });
}

async function canRun(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
