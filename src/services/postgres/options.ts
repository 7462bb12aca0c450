import { parse } from 'pg-connection-string';
import { addressOf } from '../database/addresses.ts';
import { decode, describeTarget, splitUrl } from '../database/url.ts';
import { unusableTls } from '../database/words.ts';

type Tls = boolean | Record<string, unknown>;

/** One way to try: the driver takes one host and one kind of encryption at a time. */
export interface Attempt {
  host: string;
  port: number;
  ssl: Tls;
  user?: string;
  password?: string;
  database?: string;
  options?: string;
  sslnegotiation?: 'postgres' | 'direct';
}

/** `unverified`: encrypted, whoever the other side may be. */
export type TlsKind = 'none' | 'unverified' | 'verified';

const UNVERIFIED = { rejectUnauthorized: false };

/**
 * For every host of `url`, what to try in turn. sslmode means what it means to libpq: what a URL
 * does in psql, it does here. Reads the certificate files that the URL names.
 * @throws UsageError
 */
export function attemptsFor(url: string): Attempt[][] {
  const { hosts, user, name } = describeTarget(url);
  const { userinfo, query } = splitUrl(url);
  const params = new URLSearchParams(query);
  const colon = userinfo.indexOf(':');
  const password = colon < 0 ? params.get('password') : decode(userinfo.slice(colon + 1));
  const options = params.get('options');
  const login = {
    ...(user === null ? {} : { user }),
    ...(password === null ? {} : { password }),
    ...(name === null ? {} : { database: name }),
    ...(options === null ? {} : { options }),
    ...(params.get('sslnegotiation') === 'direct' ? { sslnegotiation: 'direct' as const } : {}),
  };
  return hosts.map(({ host, port }) =>
    tlsFor(host, params).map((ssl) => ({
      ...login,
      host: addressOf(host),
      port: port ?? 5432,
      ssl,
    })),
  );
}

export function tlsKind({ ssl }: Attempt): TlsKind {
  if (ssl === false) return 'none';
  return ssl !== true && ssl.rejectUnauthorized === false ? 'unverified' : 'verified';
}

export function wantsPrimary(url: string): boolean {
  const wish = new URLSearchParams(splitUrl(url).query).get('target_session_attrs');
  return wish === 'read-write' || wish === 'primary';
}

function tlsFor(host: string, params: URLSearchParams): Tls[] {
  const local =
    host.startsWith('/') || host === 'localhost' || host === '127.0.0.1' || host === '::1';
  const mode =
    params.get('sslmode') ?? (/^(true|1)$/.test(params.get('ssl') ?? '') ? 'require' : 'prefer');
  const files = ['sslcert', 'sslkey', 'sslrootcert'].filter((name) => params.has(name));
  if (host.startsWith('/') || mode === 'disable') return [false];
  if (mode === 'prefer' && files.length === 0)
    return local ? [false, UNVERIFIED] : [UNVERIFIED, false];
  if (mode === 'allow') return [false, UNVERIFIED];
  return [strictTls(mode, params, files)];
}

function strictTls(mode: string, params: URLSearchParams, files: string[]): Tls {
  if (mode === 'no-verify') return UNVERIFIED;
  const wanted = new URLSearchParams({ sslmode: mode === 'prefer' ? 'require' : mode });
  for (const file of files) wanted.set(file, params.get(file) ?? '');
  // libpq's word for the authorities that the system knows, which are Node's as well.
  if (wanted.get('sslrootcert') === 'system') wanted.delete('sslrootcert');
  try {
    const { ssl } = parse(`postgres://localhost/?${wanted}`, { useLibpqCompat: true });
    return typeof ssl === 'object' ? { ...ssl } : true;
  } catch (cause) {
    throw unusableTls(cause);
  }
}
