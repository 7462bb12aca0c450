import { ExternalError, PortSyncError } from '../../errors.ts';
import type { Trail } from './auth.ts';

interface Said {
  code: string;
  what: (where: string) => string;
  why: string;
  next: string;
}

const AGAIN = 'PortSync tries again by itself.';

const unresolved: Said = {
  code: 'ssh-unresolved',
  what: (where) => `The name in ${where} is not known.`,
  why: 'The name server has no address for it.',
  next: 'Check the spelling, or use the IP address.',
};
const refused: Said = {
  code: 'ssh-refused',
  what: (where) => `${where} refuses SSH connections.`,
  why: 'The machine answers, but nothing listens on that port.',
  next: 'Start sshd there (systemctl start ssh), or correct the port.',
};
const timedOut: Said = {
  code: 'ssh-timeout',
  what: (where) => `No answer from ${where}.`,
  why: 'The machine is off or overloaded, or a firewall drops the packets.',
  next: `Check that the machine is up and lets the port in. ${AGAIN}`,
};
const noRoute: Said = {
  code: 'ssh-no-route',
  what: (where) => `${where} cannot be reached.`,
  why: 'No route leads to it.',
  next: `Check this machine's network and the address. ${AGAIN}`,
};
const hungUp: Said = {
  code: 'ssh-hung-up',
  what: (where) => `${where} closed the connection before the login.`,
  why: 'It is no SSH server, it has too many open logins, or it bans this address for a while.',
  next: `Look at sshd's log there, and at fail2ban. ${AGAIN}`,
};
const lost: Said = {
  code: 'ssh-lost',
  what: (where) => `The SSH connection to ${where} was lost.`,
  why: 'The machine or its network went away, or sshd was stopped.',
  next: `What ran there may or may not have finished. The next look connects again.`,
};
const noAlgorithm: Said = {
  code: 'ssh-no-algorithm',
  what: (where) => `${where} and PortSync have no encryption in common.`,
  why: 'The SSH server is too old, or restricted to other algorithms.',
  next: 'Update sshd there, or allow curve25519-sha256 with aes256-gcm and ed25519 keys.',
};
const denied: Said = {
  code: 'ssh-channel-refused',
  what: (where) => `${where} opens no further session.`,
  why: 'Its limit MaxSessions is reached, or it forbids what was asked for.',
  next: 'Look at MaxSessions, AllowStreamLocalForwarding and ForceCommand in its sshd_config.',
};

const byCode: Record<string, Said> = {
  ENOTFOUND: unresolved,
  EAI_AGAIN: unresolved,
  EAI_FAIL: unresolved,
  ECONNREFUSED: refused,
  ETIMEDOUT: timedOut,
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  EHOSTDOWN: noRoute,
  EADDRNOTAVAIL: noRoute,
  ECONNRESET: hungUp,
  EPIPE: hungUp,
};

function said({ code, what, why, next }: Said, where: string, cause: unknown): ExternalError {
  return new ExternalError({ code, message: what(where), why, next, cause });
}

/** Why no connection came about. `where` is user@host:port. */
export function connectError(error: unknown, where: string): PortSyncError {
  if (error instanceof PortSyncError) return error;
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError') return said(timedOut, where, error);
  const known = typeof code === 'string' ? byCode[code] : undefined;
  if (known) return said(known, where, error);
  if (/no matching/i.test(message)) return said(noAlgorithm, where, error);
  if (/lost before handshake|hung up/i.test(message)) return said(hungUp, where, error);
  return new ExternalError({
    code: 'ssh-failed',
    message: `The SSH connection to ${where} failed.`,
    why: message,
    next: AGAIN,
    cause: error,
  });
}

export function authError(trail: Trail, where: string, cause: unknown): ExternalError {
  const accepts = trail.accepts.length > 0 ? `It accepts ${trail.accepts.join(', ')}. ` : '';
  const tried = trail.tried.length > 0 ? `Refused: ${trail.tried.join('; ')}.` : 'No key to offer.';
  const skipped = trail.skipped.length > 0 ? ` Not tried: ${trail.skipped.join('; ')}.` : '';
  const crowded = /too many/i.test((cause as Error | undefined)?.message ?? '');
  return new ExternalError({
    code: 'ssh-auth-failed',
    message: `${where} did not let you in.`,
    why: `${accepts}${tried}${skipped}${crowded ? ' It hung up after too many keys.' : ''}`,
    next: crowded
      ? 'Name the one key with IdentityFile and IdentitiesOnly yes in ~/.ssh/config.'
      : `Put your public key there (ssh-copy-id ${where.replace(/:\d+$/, '')}), or name the right key with IdentityFile in ~/.ssh/config.`,
    cause,
  });
}

export function connectionLost(where: string, cause?: unknown): ExternalError {
  return said(lost, where, cause);
}

export function channelRefused(where: string, cause: unknown): ExternalError {
  return said(denied, where, cause);
}
