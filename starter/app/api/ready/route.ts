import { answering } from '../../../lib/api.ts';
import { database } from '../../../lib/database.ts';
import { AppError } from '../../../lib/errors.ts';
import { leaving } from '../../../lib/leaving.ts';

export const dynamic = 'force-dynamic';

/** Ready for users: the database answers, and nobody asked this replica to go. */
export const GET = answering(async () => {
  if (leaving()) throw new AppError(503, 'leaving', 'This replica is shutting down.');
  const store = await database();
  await store.ready().catch((error: Error) => {
    console.error(`not ready: ${error.message}`);
    throw new AppError(503, 'database', 'The database does not answer.');
  });
  return Response.json({ ok: true });
});
