import { createHash, createHmac } from 'node:crypto';

/** One line of a known_hosts file that says something about a key. */
export interface KnownHost {
  revoked: boolean;
  /** Comma-separated patterns, or one hashed name. */
  names: string;
  type: string;
  key: string;
  file: string;
  line: number;
}

/** The lines of a known_hosts file; what is not understood is left out, as ssh does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split('\n').flatMap((raw, at) => {
    const fields = raw.trim().split(/\s+/);
    const marker = fields[0]?.startsWith('@') ? fields.shift() : null;
    const [names, type, key] = fields;
    // Host certificates cannot be checked here, so their authorities vouch for nothing.
    if (marker !== null && marker !== '@revoked') return [];
    if (!names || names.startsWith('#') || !type || !key) return [];
    return [{ revoked: marker !== null, names, type, key, file, line: at + 1 }];
  });
}

/** How known_hosts names a host: the alias alone, `[host]:port`, or the bare host at port 22. */
export function knownHostName(host: string, port: number, alias: string | null): string {
  if (alias) return alias.toLowerCase();
  return (port === 22 ? host : `[${host}]:${port}`).toLowerCase();
}

export function names(entry: KnownHost, host: string): boolean {
  const hashed = /^\|1\|([^|]+)\|([^|]+)$/.exec(entry.names);
  if (hashed?.[1] && hashed[2]) {
    const hash = createHmac('sha1', Buffer.from(hashed[1], 'base64')).update(host).digest('base64');
    return hash === hashed[2];
  }
  const patterns = entry.names.toLowerCase().split(',');
  const hit = (pattern: string) => wildcard(pattern).test(host);
  if (patterns.some((pattern) => pattern.startsWith('!') && hit(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && hit(pattern));
}

function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  return new RegExp(`^${source.replace(/\*+/g, '.*').replaceAll('?', '.')}$`);
}

export type Verdict =
  | { verdict: 'known' | 'unknown' }
  | { verdict: 'changed' | 'revoked'; entries: KnownHost[] };

/**
 * What the files say of `key` shown by `host`. A host that is known by other keys and shows a new
 * one has changed, whatever the type: its known types were offered first, so it has lost them.
 */
export function judge(entries: readonly KnownHost[], host: string, key: Uint8Array): Verdict {
  const same = (entry: KnownHost) => Buffer.from(entry.key, 'base64').equals(key);
  const about = entries.filter((entry) => names(entry, host));
  const revoked = about.filter((entry) => entry.revoked && same(entry));
  if (revoked.length > 0) return { verdict: 'revoked', entries: revoked };
  const known = about.filter((entry) => !entry.revoked && Object.hasOwn(algorithmsOf, entry.type));
  if (known.some(same)) return { verdict: 'known' };
  if (known.length > 0) return { verdict: 'changed', entries: known };
  // As ssh does: a host on another port may be known by its bare name. Another key under that name
  // says nothing, since another port may well be another machine.
  const bare = bareName(host);
  const verdict = bare ? judge(entries, bare, key) : null;
  return verdict && verdict.verdict !== 'changed' ? verdict : { verdict: 'unknown' };
}

function bareName(host: string): string | null {
  return /^\[(.+)\]:\d+$/.exec(host)?.[1] ?? null;
}

const algorithmsOf: Record<string, string[]> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** The host key algorithms to ask for, those of the keys we know first. No SHA-1. */
export function hostKeyAlgorithms(entries: readonly KnownHost[], host: string): string[] {
  const bare = bareName(host);
  const about = (name: string) => entries.filter((entry) => !entry.revoked && names(entry, name));
  const known = [...about(host), ...(bare ? about(bare) : [])].map((entry) => entry.type);
  const types = new Set([...known, ...Object.keys(algorithmsOf)]);
  return [...types].flatMap((type) => algorithmsOf[type] ?? []);
}

/** The type written inside an SSH public key; empty where the bytes are none. */
export function keyType(key: Uint8Array): string {
  const bytes = Buffer.from(key);
  if (bytes.length < 4) return '';
  const length = bytes.readUInt32BE(0);
  return bytes.subarray(4, 4 + Math.min(length, 64)).toString('latin1');
}

/** `SHA256:…`, as `ssh-keygen -l` prints it. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
