import { blocker, type Finding, fine, warning } from '../../../model/finding.ts';
import { quoted, shown } from '../names.ts';
import { some, statements } from './names.ts';
import type { Table } from './tables.ts';

/**
 * A published table without an identity refuses updates and deletes at the source (55000). One that
 * was never updated may well never be: that is for its owner to say.
 */
export function checkIdentity(tables: readonly Table[]): Finding[] {
  const without = tables.filter(({ identity, unlogged }) => identity === 'none' && !unlogged);
  if (without.length === 0) {
    return [fine('replica-identity', 'source', 'Every table tells which row a change meant.')];
  }
  const rewritten = without.filter(({ rewritten }) => rewritten > 0);
  const others = without.filter(({ rewritten }) => rewritten === 0);
  return [
    ...(rewritten.length > 0 ? [blocker('replica-identity', ...told(rewritten, true))] : []),
    ...(others.length > 0 ? [warning('replica-identity', ...told(others, false))] : []),
  ];
}

function told(without: readonly Table[], used: boolean) {
  const names = some(without.map(shown));
  const words = {
    message: `${names}: no primary key and no other replica identity.`,
    why: used
      ? 'While the move goes on, PostgreSQL would refuse the updates and deletes that the app makes there.'
      : 'New rows are fine. An update or delete there would be refused while the move goes on; so far the server has counted none.',
    cure: statements(without, (each) => `ALTER TABLE ${quoted(each)} REPLICA IDENTITY FULL;`),
  };
  return [names, words] as const;
}
