import { UsageError } from '../../errors.ts';

export interface Address {
  user: string | null;
  /** A host's name or IP, or an alias of the SSH configuration. */
  host: string;
  port: number | null;
}

const SHAPE = /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(?:\[([^\]\s]+)\]|([^@\s/:[\]]+))(?::(\d{1,5}))?\/?$/;
const BARE_IPV6 = /^(?:([^@\s]+)@)?([0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*(?:%\w+)?)$/i;

/**
 * `host`, `user@host`, `user@host:port`, `[ipv6]:port`, `ssh://user@host:port`.
 * @throws UsageError for anything else.
 */
export function parseAddress(text: string): Address {
  const bare = BARE_IPV6.exec(text);
  if (bare?.[2]) return { user: bare[1] ?? null, host: bare[2], port: null };
  const found = SHAPE.exec(text);
  const host = found?.[2] ?? found?.[3];
  const port = found?.[4] === undefined ? null : Number(found[4]);
  const user = found?.[1] ?? null;
  const portFits = port === null || (port > 0 && port < 65_536);
  if (!host || !portFits || host.startsWith('-') || user?.startsWith('-')) throw wrong(text);
  return { user, host, port };
}

/** `user@host:port`, with brackets where the host is an IPv6 address. */
export function formatAddress(user: string, host: string, port: number): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function wrong(text: string): UsageError {
  return new UsageError({
    code: 'ssh-address-invalid',
    message: `“${text}” is not an SSH address.`,
    why: 'It has to be host, user@host, user@host:port, or an alias of ~/.ssh/config.',
    next: 'Correct the address.',
  });
}
