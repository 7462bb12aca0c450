import type { DatabaseKind } from '../../../model/database.ts';
import type { ServerUser } from '../machine/user.ts';
import { findMongod, mongodMissing } from './mongo-binary.ts';
import { findPostgres, postgresMissing, preparePostgres } from './postgres-binaries.ts';

/** What servers of this kind are run with, ready for `user`; copies go to `staging`. */
export async function serverBinary(
  kind: DatabaseKind,
  staging: string,
  user: ServerUser,
  signal: AbortSignal,
): Promise<string> {
  if (kind === 'postgres') {
    const dir = await findPostgres();
    if (!dir) throw postgresMissing();
    return preparePostgres(dir, staging, user, signal);
  }
  const mongod = await findMongod();
  if (!mongod) throw mongodMissing();
  return mongod;
}
