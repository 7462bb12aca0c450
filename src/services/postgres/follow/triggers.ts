import type { Client } from 'pg';
import type { PostgresConnection } from '../connection.ts';
import { quoted } from '../names.ts';

const RECORD = `create schema if not exists portsync;
create table if not exists portsync.quiet_triggers (
  schema text, name text, trigger text, state "char" not null, primary key (schema, name, trigger))`;

/** Not by to_regclass, which is refused to a role that may not look into the schema. */
const MADE = `select from pg_catalog.pg_class
where relname = 'quiet_triggers' and relnamespace = pg_catalog.to_regnamespace('portsync')`;

/** Enabled triggers of the user's; not the fence, which lets us pass, nor those of foreign keys. */
const ENABLED = `
select n.nspname as schema, c.relname as name, t.tgname as trigger, t.tgenabled as state
from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_proc p on p.oid = t.tgfoid join pg_catalog.pg_namespace f on f.oid = p.pronamespace
where not t.tgisinternal and t.tgparentid = 0 and t.tgenabled in ('O', 'A')
  and f.nspname <> 'portsync' and n.nspname <> 'portsync' and n.nspname !~ '^pg_'`;

interface Trigger {
  schema: string;
  name: string;
  trigger: string;
  state: string;
}

/**
 * Where a role may not set session_replication_role, triggers would do once more what they did at the
 * other side. They are disabled, and what they were is kept, for `wakeTriggers`.
 */
export async function quietTriggers(client: Client): Promise<void> {
  const { rows } = await client.query<Trigger>(ENABLED);
  if (rows.length === 0) return;
  await client.query(RECORD);
  for (const { schema, name, trigger, state } of rows) {
    const [table, id] = [quoted({ schema, name }), client.escapeIdentifier(trigger)];
    const row = [schema, name, trigger, state].map((text) => client.escapeLiteral(text)).join(', ');
    await client.query(`begin; alter table ${table} disable trigger ${id};
      insert into portsync.quiet_triggers values (${row}) on conflict do nothing; commit`);
  }
}

/** Before the app writes at the side that was followed to. Does nothing where nothing was disabled. */
export async function wakeTriggers(
  connection: PostgresConnection,
  signal: AbortSignal,
): Promise<void> {
  const [made] = await connection.ask(MADE, signal);
  if (!made?.length) return;
  const [enabling] = await connection.ask(
    `select pg_catalog.format('alter table %I.%I enable %s trigger %I', q.schema, q.name,
       case q.state when 'A' then 'always' else '' end, q.trigger) as sql
     from portsync.quiet_triggers q
     join pg_catalog.pg_trigger t on t.tgname = q.trigger
       and t.tgrelid = pg_catalog.to_regclass(pg_catalog.format('%I.%I', q.schema, q.name))`,
    signal,
  );
  const statements = (enabling ?? []).map((row) => String(row.sql));
  const all = ['begin', ...statements, 'drop table portsync.quiet_triggers', 'commit'];
  await connection.ask(all.join(';'), signal);
}
