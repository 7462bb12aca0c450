import { blocker, type Finding, fine, warning } from '../../../model/finding.ts';
import type { Side } from '../../../model/migration.ts';
import type { Row } from '../connection.ts';
import type { Query } from './ask.ts';
import { identifier } from './names.ts';
import { type Place, serverSetting } from './provider.ts';
import type { Server } from './server.ts';
import type { Sessions } from './sessions.ts';

/** A limit is null where there is none of its kind. */
export interface Connections {
  /** Open to ordinary roles, and taken, on the whole server. */
  server: { limit: number; used: number };
  database: { limit: number | null; used: number };
  role: { limit: number | null; used: number };
}

/** What the copy, the follower and their watchers open at one side. */
const OURS = 8;

export const connections: Query<Connections> = {
  about: 'its connections',
  sql: `
select (select sum(case name when 'max_connections' then setting::int else -setting::int end)::int
    from pg_settings where name in ('max_connections', 'reserved_connections',
      'superuser_reserved_connections')) as server_limit,
  count(a.usename)::int as server_used,
  (count(a.usename) filter (where a.datname = d.datname))::int as database_used,
  (count(a.usename) filter (where a.usename = r.rolname))::int as role_used,
  nullif(d.datconnlimit, -1) as database_limit,
  case when not r.rolsuper then nullif(r.rolconnlimit, -1) end as role_limit
from pg_database d, pg_roles r, pg_stat_activity a
where d.datname = current_database() and r.rolname = current_user
group by d.datname, d.datconnlimit, r.rolname, r.rolsuper, r.rolconnlimit`,
  read: ([row = {}]: Row[]) => ({
    server: { limit: Number(row.server_limit), used: Number(row.server_used) },
    database: { limit: limitOf(row.database_limit), used: Number(row.database_used) },
    role: { limit: limitOf(row.role_limit), used: Number(row.role_used) },
  }),
};

const limitOf = (value: unknown) => (typeof value === 'number' ? value : null);

/** During a switch both colours are up: twice the app's pool. */
export function poolSize({ groups }: Sessions, role: string): number {
  return groups.filter(({ user }) => user === role).reduce((sum, { count }) => sum + count, 0);
}

export function checkConnections(
  side: Side,
  seen: Connections,
  pool: number,
  server: Server,
  place: Place,
): Finding[] {
  const id = `${side}-connections`;
  const free = freeOf(seen);
  // At the source the app's are among those in use already, and the second colour goes to the target.
  const app = side === 'target' ? 2 * pool : 0;
  if (free.count >= OURS + app) return [fine(id, side, `${free.count} connections are free.`)];
  const say = free.count < OURS ? blocker : warning;
  return [
    say(id, side, {
      message: `${free.count} connections are free at the ${side}; the move opens ${OURS}${app ? `, and the app up to ${app}` : ''}.`,
      why: `${free.what} is the limit. Past it, connections are refused.`,
      cure: raise(free.kind, OURS + app - free.count, seen, server, place),
    }),
  ];
}

type Kind = keyof Connections;

function freeOf(seen: Connections): { count: number; kind: Kind; what: string } {
  const words = { server: 'max_connections', database: 'The database’s', role: 'The role’s' };
  const kinds: Kind[] = ['server', 'database', 'role'];
  const all = kinds.map((kind) => {
    const { limit, used } = seen[kind];
    return {
      kind,
      what: words[kind],
      count: limit === null ? Infinity : Math.max(0, limit - used),
    };
  });
  return all.reduce((least, each) => (each.count < least.count ? each : least));
}

function raise(kind: Kind, more: number, seen: Connections, server: Server, place: Place): string {
  const to = (seen[kind].limit ?? 0) + more;
  if (kind === 'database') {
    return `ALTER DATABASE ${identifier(server.database)} CONNECTION LIMIT ${to};`;
  }
  if (kind === 'role') return `ALTER ROLE ${identifier(server.role)} CONNECTION LIMIT ${to};`;
  // Some of the connections are kept for superusers, and come on top.
  return serverSetting(place, 'max_connections', to + 5);
}
