import type { PostgresConnection } from '../connection.ts';
import { type QualifiedName, quoted } from '../names.ts';
import { FUNCTION, LOWERED_BODY, TRIGGER } from './fence-sql.ts';
import { type TableFilter, userTables } from './tables.ts';

export interface FenceState {
  /** Whether the triggers that are there refuse writes. */
  refuses: boolean;
  /** Tables without such a trigger, or where it was disabled: made or altered since it went up. */
  unfenced: QualifiedName[];
  /** Tables with one. */
  fenced: QualifiedName[];
}

const stateSql = `
select p.prosrc as body from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname || '.' || p.proname = '${FUNCTION}';
select n.nspname as schema, c.relname as name, t.tgenabled in ('O', 'A') as enabled
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
where t.tgname = '${TRIGGER}' and not t.tgisinternal
order by n.nspname collate "C", c.relname collate "C"`;

/** How the fence stands on `tables`. */
export async function fenceOn(
  connection: PostgresConnection,
  tables: QualifiedName[],
  signal: AbortSignal,
): Promise<FenceState> {
  const [[fn] = [], rows = []] = await connection.ask(stateSql, signal);
  const triggers = rows.map((row) => ({
    schema: String(row.schema),
    name: String(row.name),
    enabled: row.enabled === true,
  }));
  const enabled = new Set(triggers.filter((trigger) => trigger.enabled).map(quoted));
  return {
    refuses: typeof fn?.body === 'string' && fn.body !== LOWERED_BODY,
    unfenced: tables.filter((table) => !enabled.has(quoted(table))),
    fenced: triggers.map(({ schema, name }) => ({ schema, name })),
  };
}

export async function readFence(
  connection: PostgresConnection,
  include: TableFilter,
  signal: AbortSignal,
): Promise<FenceState> {
  return fenceOn(connection, await userTables(connection, include, signal), signal);
}
