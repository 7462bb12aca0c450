import { type Finding, fine, warning } from '../../../model/finding.ts';
import type { Side } from '../../../model/migration.ts';
import { splitUrl } from '../../database/url.ts';
import { some } from './names.ts';

/** Parameters of Prisma's, which no server and no other client knows. */
const PRISMAS = new Set([
  'connection_limit',
  'pool_timeout',
  'pgbouncer',
  'schema',
  'statement_cache_size',
  'socket_timeout',
  'sslaccept',
  'sslidentity',
  'single_use_connections',
]);

/** What a URL leaves open, or says to others than the server. */
export function checkUrl(side: Side, url: string): Finding[] {
  const { path, query } = splitUrl(url);
  const params = new URLSearchParams(query);
  const prismas = [...new Set(params.keys())].filter((name) => PRISMAS.has(name));
  const found: Finding[] = [];
  if (path === '' && !params.has('dbname')) {
    found.push(
      warning('url-database', side, {
        message: `The URL of the ${side} names no database.`,
        why: 'Then it is the one that is named like the user.',
        cure: 'Write the name behind the port: …:5432/NAME',
      }),
    );
  }
  if (prismas.length > 0) {
    const message = `${some(prismas)}: for Prisma alone, left out in the URL of the ${side}.`;
    found.push(fine('url-parameters', side, message));
  }
  return found.length > 0
    ? found
    : [fine('url', side, `The URL of the ${side} says all that is needed.`)];
}
