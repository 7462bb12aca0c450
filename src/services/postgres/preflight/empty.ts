import { blocker, type Finding, fine } from '../../../model/finding.ts';
import type { Row } from '../connection.ts';
import type { Query } from './ask.ts';
import { identifier, some } from './names.ts';
import { notExtensions, usersOwn } from './scope.ts';
import type { Server } from './server.ts';

/** What the target already holds that is neither a provider's nor an extension's; the first hundred. */
export const contents: Query<string[]> = {
  about: 'what it already holds',
  sql: `
select n.nspname || '.' || c.relname as name from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and ${usersOwn}
    and ${notExtensions('pg_class', 'c.oid')}
union all
select n.nspname || '.' || p.proname || '()' from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  where ${usersOwn} and ${notExtensions('pg_proc', 'p.oid')}
union all
select n.nspname || '.' || t.typname from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where t.typtype in ('e', 'd', 'r') and ${usersOwn} and ${notExtensions('pg_type', 't.oid')}
union all
select n.nspname || '.*' from pg_namespace n
  where n.nspname <> 'public' and ${usersOwn} and ${notExtensions('pg_namespace', 'n.oid')}
order by 1 limit 100`,
  read: (rows: Row[]) => rows.map(({ name }) => String(name)),
};

export function checkEmpty(there: readonly string[], { database }: Server): Finding[] {
  if (there.length === 0) return [fine('target-empty', 'target', 'The target is empty.')];
  const names = some(there.map((name) => name.replace(/^public\./, '')));
  const count = there.length === 100 ? 'At least 100' : String(there.length);
  return [
    blocker('target-empty', names, {
      message: `The target is not empty: ${names}.`,
      why: `${count} of its objects would be mixed with the source’s, or stand in their way. PortSync deletes nothing that it did not make.`,
      cure: `CREATE DATABASE ${identifier(`${database}_new`)};\nThen give its URL.`,
    }),
  ];
}
