import { UsageError } from '../../errors.ts';
import type { DatabaseKind } from '../../model/database.ts';
import { oneLine } from './text.ts';

export interface DatabaseHost {
  /** A name, an address without brackets, or the directory or path of a unix socket. */
  host: string;
  /** Null where DNS tells it (mongodb+srv). */
  port: number | null;
}

/** What may be shown of a database's URL; never a password, nor any of its options. */
export interface DatabaseTarget {
  kind: DatabaseKind;
  /** `postgres://app:••••@host:5432/app` */
  masked: string;
  /** `host:5432/app`; several hosts are separated by commas. */
  where: string;
  hosts: DatabaseHost[];
  /** Null where the driver falls back to the user's name on this machine. */
  name: string | null;
  user: string | null;
}

/** The pieces of a database URL, still percent-encoded. */
export interface UrlParts {
  kind: DatabaseKind;
  scheme: string;
  userinfo: string;
  hosts: string[];
  path: string;
  query: string;
}

const SCHEMES: Record<string, DatabaseKind> = {
  postgres: 'postgres',
  postgresql: 'postgres',
  mongodb: 'mongo',
  'mongodb+srv': 'mongo',
};

/**
 * @throws UsageError (`database-url`); its words never hold any part of `url`.
 */
export function describeTarget(url: string): DatabaseTarget {
  const parts = splitUrl(url);
  const hosts = hostsOf(parts);
  const colon = parts.userinfo.indexOf(':');
  const query = new URLSearchParams(parts.query);
  const user =
    decode(colon < 0 ? parts.userinfo : parts.userinfo.slice(0, colon)) ||
    query.get('user') ||
    null;
  const secret = colon >= 0 || query.has('password');
  const name = decode(parts.path) || query.get('dbname') || defaultName(parts, user);
  const where = oneLine(hosts.map(hostText).join(',') + (name ? `/${name}` : ''));
  const login = user || secret ? `${oneLine(user ?? '')}${secret ? ':••••' : ''}@` : '';
  const masked = `${parts.scheme}://${login}${where}`;
  return { kind: parts.kind, masked, where, hosts, name, user };
}

/**
 * Neither WHATWG's URL nor the drivers' parsers take both lists of hosts and sockets, and some quote
 * what they refuse. @throws UsageError
 */
export function splitUrl(url: string): UrlParts {
  const match = /^([a-z+]+):\/\/(?:(.*)@)?([^/?#@]*)(?:\/([^?#@]*))?(?:\?([^#@]*))?$/is.exec(
    url.trim(),
  );
  if (!match) throw refusal('It is not of the form scheme://user:password@host:port/name.');
  const [, scheme = '', userinfo = '', hosts = '', path = '', query = ''] = match;
  const kind = SCHEMES[scheme.toLowerCase()];
  if (!kind) throw refusal('It begins with neither postgres:// nor mongodb://.');
  if (/[/?#]/.test(userinfo)) throw refusal('What stands before the @ holds a bare / ? or #.');
  return { kind, scheme: scheme.toLowerCase(), userinfo, hosts: hosts.split(','), path, query };
}

function hostsOf({ kind, scheme, hosts, query }: UrlParts): DatabaseHost[] {
  const port = kind === 'postgres' ? 5432 : scheme.endsWith('+srv') ? null : 27017;
  if (kind === 'mongo') return hosts.map((host) => hostOf(host, port, null));
  const params = new URLSearchParams(query);
  const named = params.get('host')?.split(',') ?? hosts.map(() => null);
  return named.map((name, i) => {
    const ports = params.get('port')?.split(',') ?? [];
    const given = Number(ports[i] ?? ports[0]) || port;
    return hostOf(hosts[i] ?? hosts[0] ?? '', given, name);
  });
}

/** `[::1]:5433`, `host:5433`, `%2Frun%2Fpostgresql` or nothing, which is this machine. */
function hostOf(text: string, defaultPort: number | null, named: string | null): DatabaseHost {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(text);
  if (!match) throw refusal('A host or its port could not be understood.');
  const host = named || decode((match[1] ?? '').replace(/^\[|\]$/g, '')) || 'localhost';
  if (host.endsWith('.sock')) return { host, port: null };
  const port = match[2] ? Number(match[2]) : defaultPort;
  if (port !== null && (port < 1 || port > 65_535)) {
    throw refusal('A port is outside of 1 to 65535.');
  }
  return { host, port };
}

function hostText({ host, port }: DatabaseHost): string {
  const name = host.includes(':') && !host.startsWith('/') ? `[${host}]` : host;
  return port === null ? name : `${name}:${port}`;
}

function defaultName({ kind }: UrlParts, user: string | null): string | null {
  return kind === 'mongo' ? 'test' : user;
}

/** Percent-decodes; a stray % is taken as it stands. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refusal(why: string): UsageError {
  return new UsageError({
    code: 'database-url',
    message: 'The database URL could not be read.',
    why,
    next: 'Write it as postgres://user:password@host:5432/name or mongodb://…; in the password write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23.',
  });
}
