import { withConnection } from '../connection.ts';
import type { TableFilter } from '../cutover/tables.ts';
import type { QualifiedName } from '../names.ts';

/**
 * What is moved: the schemas that the copy brought. A provider keeps tables of its own beside them, at
 * either side, and those are neither locked, nor fenced, nor compared.
 */
export async function copiedOnly(target: string, signal: AbortSignal): Promise<TableFilter> {
  const schemas = await withConnection(target, signal, async (connection) => {
    const [rows = []] = await connection.ask('select distinct schema from portsync.copied', signal);
    return new Set(rows.map(({ schema }) => String(schema)));
  });
  return ({ schema }: QualifiedName) => schemas.has(schema);
}
