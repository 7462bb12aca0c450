import { blocker, type Finding, fine, warning } from '../../../model/finding.ts';
import { quoted, shown } from '../names.ts';
import { identifier, some, statements } from './names.ts';
import type { Server } from './server.ts';
import type { Table } from './tables.ts';

/** Publishing, locking and fencing a table are its owner's rights. */
export function checkOwnership(tables: readonly Table[], { role }: Server): Finding[] {
  const strange = tables.filter(({ owned }) => !owned);
  const owners = [...new Set(strange.map(({ owner }) => owner))];
  const unread = tables.filter(({ readable, owned }) => !readable && !owned);
  const names = some(strange.map(shown));
  return [
    strange.length === 0
      ? fine('source-ownership', role, 'The role owns every table that is to move.')
      : blocker('source-ownership', names, {
          message: `${names}: not owned by ${role}.`,
          why: 'Only its owner may publish a table, hold its writers back, and refuse writes to it after the switch.',
          cure: statements(owners, (owner) => `GRANT ${identifier(owner)} TO ${identifier(role)};`),
        }),
    unread.length === 0
      ? fine('source-select', role, 'The role may read every table.')
      : blocker('source-select', some(unread.map(shown)), {
          message: `${some(unread.map(shown))}: not readable for ${role}.`,
          why: 'What cannot be read cannot be copied.',
          cure: statements(
            unread,
            (each) => `GRANT SELECT ON ${quoted(each)} TO ${identifier(role)};`,
          ),
        }),
  ];
}

/** Row security hides rows from whoever it binds: a copy would leave them out and not know it. */
export function checkRowSecurity(tables: readonly Table[], server: Server): Finding[] {
  const { role, superuser, bypassRls } = server;
  const free = superuser || bypassRls;
  const hidden = tables.filter(
    ({ rowSecurity, owned }) =>
      !free && (rowSecurity === 'forced' || (rowSecurity === 'on' && !owned)),
  );
  if (hidden.length === 0) {
    return [fine('row-security', 'source', 'No policy hides rows from the copy.')];
  }
  const names = some(hidden.map(shown));
  return [
    blocker('row-security', names, {
      message: `${names}: row security hides rows from ${role}.`,
      why: 'The copy would silently leave them out.',
      cure: `ALTER ROLE ${identifier(role)} BYPASSRLS;`,
    }),
  ];
}

/** A table that forces row security on its owner refuses COPY there. */
export function checkForcedRowSecurity(tables: readonly Table[], target: Server): Finding[] {
  const forced = tables.filter(({ rowSecurity }) => rowSecurity === 'forced');
  if (forced.length === 0 || target.superuser || target.bypassRls) {
    return [fine('target-row-security', 'target', 'No policy stands against the copy there.')];
  }
  const names = some(forced.map(shown));
  return [
    warning('target-row-security', names, {
      message: `${names}: the policies there bind ${target.role} as well.`,
      why: 'A table with FORCE ROW LEVEL SECURITY takes no COPY, and shows its policies’ rows only, to who cannot pass them.',
      cure: `ALTER ROLE ${identifier(target.role)} BYPASSRLS;`,
    }),
  ];
}

/** The log does not tell of unlogged tables. */
export function checkUnlogged(tables: readonly Table[]): Finding[] {
  const unlogged = tables.filter((each) => each.unlogged);
  if (unlogged.length === 0) {
    return [fine('unlogged-tables', 'source', 'No table is kept out of the log.')];
  }
  const names = some(unlogged.map(shown));
  return [
    warning('unlogged-tables', names, {
      message: `${names}: unlogged.`,
      why: 'What is written there while the move goes on is in no log and does not arrive. For a cache that is well.',
      cure: statements(unlogged, (each) => `ALTER TABLE ${quoted(each)} SET LOGGED;`),
    }),
  ];
}

export function checkTablespaces(tables: readonly Table[]): Finding[] {
  const spaces = [...new Set(tables.flatMap(({ tablespace }) => tablespace ?? []))];
  if (spaces.length === 0) {
    return [fine('tablespaces', 'source', 'Every table is in the default tablespace.')];
  }
  return [
    warning('tablespaces', some(spaces), {
      message: `Tables in the tablespace ${some(spaces)} go to the default one of the target.`,
      why: 'A tablespace is a directory of one server.',
      cure: null,
    }),
  ];
}
