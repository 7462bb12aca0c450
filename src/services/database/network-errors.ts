import { CancelledError, type ExternalError, type PortSyncError } from '../../errors.ts';
import { tell, type Words } from './words.ts';

const FIREWALL = 'Check the host and the port, and the firewall between here and there.';
const CERTIFICATE =
  'Give the right authority with sslrootcert= (PostgreSQL) or tlsCAFile= (MongoDB) in the URL.';

const unreachable = (why: string): Words => ({
  code: 'database-unreachable',
  message: (where) => `The database at ${where} cannot be reached.`,
  why,
  next: FIREWALL,
});

const untrusted = (why: string): Words => ({
  code: 'database-certificate',
  message: (where) => `The certificate of the database at ${where} is not trusted.`,
  why,
  next: CERTIFICATE,
});

const lost = (why: string): Words => ({
  code: 'database-connection-lost',
  message: (where) => `The connection to the database at ${where} was lost.`,
  why,
  next: 'PortSync connects again by itself. If it stays away, look at the log of the server.',
});

const refused: Words = {
  code: 'database-refused',
  message: (where) => `Nothing answers at ${where}.`,
  why: 'The machine is there, but no server listens on that port.',
  next: 'Start the database, or check the host and the port in DATABASE_URL.',
};

const noName = (why: string): Words => ({
  code: 'database-name-unknown',
  message: (where) => `The host name of ${where} is not known.`,
  why,
  next: 'Check the spelling in DATABASE_URL; the name of a compose service is known only inside of Docker.',
});

const BY_CODE: Record<string, Words> = {
  ENOTFOUND: noName('DNS has no address for it.'),
  ENODATA: noName('DNS has no address for it.'),
  EAI_AGAIN: noName('The name server did not answer.'),
  ESERVFAIL: noName('The name server did not answer.'),
  ECONNREFUSED: refused,
  ENOENT: { ...refused, why: 'There is no such unix socket.' },
  EACCES: { ...refused, why: 'This user may not open the unix socket.' },
  ETIMEDOUT: unreachable('It did not answer in time.'),
  EHOSTUNREACH: unreachable('No route leads to the host.'),
  ENETUNREACH: unreachable('No route leads to its network.'),
  ECONNRESET: lost('The other side closed it.'),
  EPIPE: lost('The other side closed it.'),
  SELF_SIGNED_CERT_IN_CHAIN: untrusted('It was issued by an authority that is not known here.'),
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted('It is signed by itself.'),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted('Its issuer is not known here.'),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted('Its issuer is not known here.'),
  UNABLE_TO_GET_ISSUER_CERT: untrusted('Its issuer is not known here.'),
  CERT_HAS_EXPIRED: untrusted('It has expired.'),
  CERT_NOT_YET_VALID: untrusted('It is not valid yet: is the clock of this machine right?'),
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted('It was issued for another host name.'),
};

/** Null when `error` came from neither the network, TLS nor a signal. Follows causes. */
export function networkProblem(error: unknown, where: string): PortSyncError | null {
  if (!(error instanceof Error)) return null;
  if (error.name === 'AbortError') return new CancelledError(error);
  if (error.name === 'TimeoutError') return tell(timedOut, where, error);
  const words = BY_CODE[codeOf(error)] ?? tlsWords(error);
  if (words) return tell(words, where, error);
  return networkProblem(error.cause, where);
}

export function connectionLost(where: string, cause: unknown): ExternalError {
  return tell(lost('The other side closed it.'), where, cause);
}

const timedOut: Words = {
  code: 'database-timeout',
  message: (where) => `The database at ${where} did not answer in time.`,
  why: 'The server is overloaded, or the network swallows what is sent.',
  next: 'PortSync asks again by itself. Look at the load of the server and at the firewall.',
};

function tlsWords(error: Error): Words | null {
  if (!/^(ERR_SSL|ERR_TLS|EPROTO)/.test(codeOf(error))) return null;
  return {
    code: 'database-tls',
    message: (where) => `No encrypted connection to ${where} came about.`,
    why: 'The two sides agree on no version or cipher of TLS, or the port speaks no TLS.',
    next: 'Check sslmode= (PostgreSQL) or tls= (MongoDB) in the URL, and the TLS settings of the server.',
  };
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
