import { type Finding, fine, warning } from '../../../model/finding.ts';
import type { Row } from '../connection.ts';
import type { Query } from './ask.ts';
import { identifier, some, statements } from './names.ts';
import type { Server } from './server.ts';

/** A setting that somebody gave the database, or a role. Without its value, which may be a secret. */
export interface Setting {
  name: string;
  /** Null: whoever connects to the database. */
  role: string | null;
}

export const databaseSettings: Query<Setting[]> = {
  about: 'the settings of its database',
  sql: `
select split_part(setting, '=', 1) as name, r.rolname::text as role
from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole, unnest(s.setconfig) setting
where s.setdatabase = (select oid from pg_database where datname = current_database())
  or (s.setdatabase = 0 and r.rolname = current_user)
order by 1`,
  read: (rows: Row[]) =>
    rows.map(({ name, role }) => ({
      name: String(name),
      role: typeof role === 'string' ? role : null,
    })),
};

/**
 * Those of the database are copied by its owner; those of a role are for a person to give, and names
 * of one's own (app.tenant) for a superuser, since PostgreSQL 15.
 */
export function checkSettings(
  source: readonly Setting[],
  target: readonly Setting[],
  { role, database, ownsDatabase, superuser }: Server,
): Finding[] {
  const there = new Set(target.map(({ name }) => name));
  const lost = source.filter((each) => {
    const comesAlong =
      each.role === null && ownsDatabase && (superuser || !each.name.includes('.'));
    return !there.has(each.name) && !comesAlong;
  });
  const names = [...new Set(lost.map(({ name }) => name))];
  if (lost.length === 0) {
    return [
      fine('database-settings', 'target', 'No setting of the database would be left behind.'),
    ];
  }
  return [
    warning('database-settings', some(names), {
      message: `${some(names)}: set for the database or its role at the source, not at the target.`,
      why: 'Settings of a role do not move, and those of a database only where the role at the target may set them.',
      cure: statements(lost, ({ name, role: owner }) =>
        owner === null
          ? `ALTER DATABASE ${identifier(database)} SET ${name} TO '…';`
          : `ALTER ROLE ${identifier(role)} SET ${name} TO '…';`,
      ),
    }),
  ];
}
