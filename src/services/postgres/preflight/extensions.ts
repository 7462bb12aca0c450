import { blocker, type Finding, fine, warning } from '../../../model/finding.ts';
import type { Row } from '../connection.ts';
import type { Query } from './ask.ts';
import { identifier, some, statements } from './names.ts';
import { nearlySuperuser, type Place } from './provider.ts';
import type { Server } from './server.ts';

export interface Extension {
  name: string;
  version: string;
  schema: string;
}

export interface Offer {
  name: string;
  versions: string[];
  /** Null: available, and not there yet. */
  installed: string | null;
  /** May be created by who may create in the database. */
  trusted: boolean;
}

/** Those that every server has, and those by which providers look after their own. */
const NEGLIGIBLE = new Set([
  'plpgsql',
  'pg_stat_statements',
  'pg_buffercache',
  'pg_prewarm',
  'pgstattuple',
  'amcheck',
  'pg_graphql',
  'pgsodium',
  'supabase_vault',
  'pg_net',
  'pgjwt',
  'neon',
  'neon_utils',
  'google_vacuum_mgmt',
  'aws_commons',
  'aws_lambda',
  'aws_s3',
  'rds_tools',
  'azure',
]);

export const extensions: Query<Extension[]> = {
  about: 'its extensions',
  sql: `select extname::text as name, extversion as version, n.nspname::text as schema
from pg_extension e join pg_namespace n on n.oid = e.extnamespace order by 1`,
  read: (rows: Row[]) =>
    rows.map(({ name, version, schema }) => ({
      name: String(name),
      version: String(version),
      schema: String(schema),
    })),
};

export const offers = (version: number): Query<Offer[]> => ({
  about: 'the extensions it offers',
  sql: `select name::text as name, array_agg(version::text) as versions,
  (select extversion from pg_extension where extname = v.name) as installed,
  bool_or(${version < 130_000 ? 'not superuser' : 'trusted or not superuser'}) as trusted
from pg_available_extension_versions v group by name`,
  read: (rows: Row[]) =>
    rows.map(({ name, versions, installed, trusted }) => ({
      name: String(name),
      versions: versions as string[],
      installed: typeof installed === 'string' ? installed : null,
      trusted: trusted === true,
    })),
});

export function checkExtensions(
  used: readonly Extension[],
  offered: readonly Offer[],
  target: Server,
  place: Place,
): Finding[] {
  const there = new Map(offered.map((offer) => [offer.name, offer]));
  const wanted = used.filter(({ name }) => name !== 'plpgsql');
  const missing = wanted.filter(({ name }) => !there.has(name));
  const refused = wanted.filter(({ name }) => {
    const offer = there.get(name);
    return offer && !offer.installed && !offer.trusted && !nearlySuperuser(target);
  });
  const older = wanted.filter(({ name, version }) => {
    const offer = there.get(name);
    return offer && isOlder(offer.installed ?? newest(offer.versions), version);
  });
  const names = some(wanted.map(({ name }) => name)) || 'none';
  return [
    ...orFine(
      'extensions',
      missing.map((each) => absent(each, place)),
      `in use, and there: ${names}`,
    ),
    ...orFine(
      'extension-rights',
      refused.map((each) => notAllowed(each, target)),
      'may be created',
    ),
    ...orFine(
      'extension-versions',
      older.length > 0 ? [olderVersion(older)] : [],
      'none is older there',
    ),
  ];
}

function orFine(id: string, found: Finding[], well: string): Finding[] {
  return found.length > 0 ? found : [fine(id, 'target', `Extensions: ${well}.`)];
}

const byNumber = new Intl.Collator('en', { numeric: true });
const isOlder = (version: string, than: string) => byNumber.compare(version, than) < 0;
const newest = (versions: readonly string[]) => [...versions].sort(byNumber.compare).at(-1) ?? '';

function absent({ name }: Extension, place: Place): Finding {
  const say = NEGLIGIBLE.has(name) ? warning : blocker;
  return say('extensions', name, {
    message: `The target does not have the extension ${name}.`,
    why: NEGLIGIBLE.has(name)
      ? 'No data of the app depends on it, as a rule; it is left out.'
      : 'Types, functions or indexes of the source come from it.',
    cure:
      place === 'own' || place === 'container'
        ? `Install its package on the target’s machine, or at the source, if nothing uses it: DROP EXTENSION ${identifier(name)};`
        : `Enable ${name} in the provider’s list of extensions, or at the source, if nothing uses it: DROP EXTENSION ${identifier(name)};`,
  });
}

function notAllowed({ name, schema }: Extension, { role }: Server): Finding {
  const say = NEGLIGIBLE.has(name) ? warning : blocker;
  return say('extension-rights', name, {
    message: `${role} may not create the extension ${name} at the target.`,
    why: 'It is not a trusted one: a superuser creates it.',
    cure: `As a superuser, in the target’s database: CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}; CREATE EXTENSION ${identifier(name)} SCHEMA ${identifier(schema)};`,
  });
}

function olderVersion(older: readonly Extension[]): Finding {
  const names = some(older.map(({ name, version }) => `${name} ${version}`));
  return warning('extension-versions', names, {
    message: `The target has older versions than the source’s ${names}.`,
    why: 'What the newer ones brought is not there: a function, an operator or an index may be missing.',
    cure: statements(older, ({ name }) => `ALTER EXTENSION ${identifier(name)} UPDATE;`),
  });
}
