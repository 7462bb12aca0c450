import { withConnection } from '../connection.ts';
import type { QualifiedName } from '../names.ts';
import { look, readNotes, writeNotes } from './feed.ts';
import { literal } from './literal.ts';
import { feedLost, newTables } from './problems.ts';
import { IS_PUBLISHED } from './user-objects.ts';

/**
 * Takes the source as it is now for the agreed one, since the person has made its change of structure
 * at the other side as well. What is followed again afterwards, goes on.
 * @throws PortSyncError where tables are new
 */
export async function acceptStructure(
  url: string,
  feed: string,
  signal: AbortSignal,
): Promise<void> {
  await withConnection(url, signal, async (connection) => {
    const notes = await readNotes(connection, feed, signal);
    if (!notes) throw feedLost(null);
    const [rows = []] = await connection.ask(unpublished(feed), signal);
    if (rows.length > 0) throw newTables(rows as unknown as QualifiedName[]);
    const accepted = { ...notes, structure: await look(connection, signal) };
    await writeNotes(connection, feed, accepted, signal);
  });
}

function unpublished(feed: string): string {
  return `select n.nspname as schema, c.relname as name from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where ${IS_PUBLISHED} and not exists (
      select from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication p on p.oid = r.prpubid
      where r.prrelid = c.oid and p.pubname = ${literal(feed)})`;
}
