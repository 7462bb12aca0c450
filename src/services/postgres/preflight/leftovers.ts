import { blocker, type Finding, fine } from '../../../model/finding.ts';
import type { Side } from '../../../model/migration.ts';
import type { Row } from '../connection.ts';
import type { Query } from './ask.ts';
import { some } from './names.ts';

/** What another move, or one that was given up, left in a database; in words. */
export const leftovers: Query<string[]> = {
  about: 'leftovers of PortSync',
  sql: `
select 'schema ' || nspname as what from pg_namespace where nspname = 'portsync'
union all select 'publication ' || pubname from pg_publication where pubname ~ '^portsync'
union all select 'replication slot ' || slot_name from pg_get_replication_slots() s
  where slot_name ~ '^portsync'
    and datoid = (select oid from pg_database where datname = current_database())
union all select count(*) || ' fences (triggers portsync_fence)' from pg_trigger
  where tgname = 'portsync_fence' having count(*) > 0
order by 1`,
  read: (rows: Row[]) => rows.map(({ what }) => String(what)),
};

export function checkLeftovers(side: Side, left: readonly string[]): Finding[] {
  if (left.length === 0)
    return [fine('leftovers', side, `The ${side} holds nothing of another move.`)];
  return [
    blocker('leftovers', some(left), {
      message: `The ${side} holds parts of another move: ${some(left)}.`,
      why: 'One that is under way, or one that was given up. A slot that nobody reads keeps the log until the disk is full.',
      cure: 'portsync migrate cleanup',
    }),
  ];
}
