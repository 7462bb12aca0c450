import type { Compose } from '../swarm/compose.ts';
import type { Roles } from './roles.ts';

/** Without a database that nobody asks: the app's is elsewhere, and nothing says to `keep` it. */
export function withoutUnused(
  compose: Compose,
  { database }: Roles,
  url: string | undefined,
  keep: (service: string) => boolean,
): Compose {
  if (!database || url === undefined || !isElsewhere(url, compose) || keep(database.service))
    return compose;
  const { [database.service]: _, ...services } = compose.services;
  return { ...compose, services };
}

function isElsewhere(url: string, { services }: Compose): boolean {
  const host = /^[a-z+]+:\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^/?,:]+)/.exec(url)?.[1];
  return host !== undefined && !(host in services) && !/^(localhost|127\.|\[::1)/.test(host);
}
