import { CancelledError, ExternalError, PortSyncError } from '../../errors.ts';

interface Said {
  code: string;
  what: (where: string) => string;
  why: string;
  next: string;
}

const AGAIN = 'PortSync keeps asking and goes on by itself when it answers.';

const missing: Said = {
  code: 'no-engine',
  what: (where) => `There is no Docker engine at ${where}.`,
  why: 'Its socket does not exist: Docker is not installed, or it was not started.',
  next: 'Start it (sudo systemctl start docker), or name another engine with DOCKER_HOST.',
};
const forbidden: Said = {
  code: 'engine-permission',
  what: (where) => `This user may not use the Docker engine at ${where}.`,
  why: 'Its socket is open to root and to the group docker only.',
  next: 'Run sudo usermod -aG docker $USER and log in again, or start PortSync with sudo.',
};
const down: Said = {
  code: 'engine-down',
  what: (where) => `The Docker engine at ${where} is not running.`,
  why: 'The connection was refused.',
  next: `Look at sudo systemctl status docker. ${AGAIN}`,
};
const gone: Said = {
  code: 'engine-restarting',
  what: (where) => `The Docker engine at ${where} broke off the connection.`,
  why: 'It is stopping or restarting.',
  next: AGAIN,
};
const silent: Said = {
  code: 'engine-timeout',
  what: (where) => `The Docker engine at ${where} did not answer in time.`,
  why: 'The machine is overloaded or cut off, or the engine hangs.',
  next: `Look at the machine's load and its network. ${AGAIN}`,
};
const unreachable: Said = {
  code: 'engine-unreachable',
  what: (where) => `The machine of the Docker engine at ${where} cannot be reached.`,
  why: 'Its name is not known here, or no route leads to it.',
  next: `Check the address. ${AGAIN}`,
};
const untrusted: Said = {
  code: 'engine-tls',
  what: (where) => `The Docker engine at ${where} and this machine do not trust each other.`,
  why: 'A TLS certificate was refused.',
  next: 'Check ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH, or the context’s certificates.',
};

const unknown: Said = {
  code: 'engine-failed',
  what: (where) => `Talking to the Docker engine at ${where} failed.`,
  why: '',
  next: `Check that it is a Docker engine and runs. ${AGAIN}`,
};
/** Behind SSH, all that can be known is that its socket did not open. */
const unopened: Said = {
  code: 'no-engine',
  what: (where) => `No Docker engine answers at ${where}.`,
  why: 'Docker is not installed or not started there, or this user may not use its socket.',
  next: 'There: sudo systemctl start docker, sudo usermod -aG docker $USER, and AllowStreamLocalForwarding yes in sshd_config.',
};

const ofExecutor = ['socket-unreachable', 'file-missing', 'file-denied'];

const byCode: Record<string, Said> = {
  ENOENT: missing,
  EACCES: forbidden,
  EPERM: forbidden,
  ECONNREFUSED: down,
  ECONNRESET: gone,
  EPIPE: gone,
  ERR_STREAM_PREMATURE_CLOSE: gone,
  ETIMEDOUT: silent,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EPROTO: untrusted,
  CERT_HAS_EXPIRED: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
};

interface Raw extends Error {
  code?: unknown;
  statusCode?: unknown;
  json?: unknown;
}

/** Whatever came out of talking to the engine at `where`, as the user shall read it. */
export function engineError(error: unknown, where: string, signal?: AbortSignal): PortSyncError {
  if (error instanceof PortSyncError) {
    return ofExecutor.includes(error.code) ? said(unopened, where, error) : error;
  }
  const raw = (error instanceof Error ? error : new Error(String(error))) as Raw;
  if (signal?.aborted || raw.name === 'AbortError' || raw.name === 'TimeoutError') {
    return timedOut(raw, signal) ? said(silent, where, raw) : new CancelledError(raw);
  }
  if (typeof raw.statusCode === 'number') return refused(raw, raw.statusCode, where);
  const code = String(raw.code ?? '');
  const known = byCode[code] ?? (/^ERR_(TLS|SSL)/.test(code) ? untrusted : undefined);
  return said(known ?? { ...unknown, why: plain(raw.message) }, where, raw);
}

function timedOut(error: Raw, signal: AbortSignal | undefined): boolean {
  const reason = signal?.aborted ? signal.reason : error;
  return reason instanceof Error && reason.name === 'TimeoutError';
}

function said({ code, what, why, next }: Said, where: string, cause: unknown): ExternalError {
  return new ExternalError({ code, message: what(where), why, next, cause });
}

/** The engine answered, and its answer was no. */
function refused(error: Raw, status: number, where: string): ExternalError {
  const why = plain(reasonIn(error));
  const make = (code: string, message: string, next: string) =>
    new ExternalError({ code, message, why, next, cause: error });
  if (/API version|client version/i.test(why)) return tooOld(where, why, error);
  if (status === 401 || status === 403) return said({ ...forbidden, why }, where, error);
  if (status === 404) {
    return make(
      'no-such-container',
      `The engine at ${where} has no such container.`,
      'It was removed meanwhile.',
    );
  }
  if (status === 409) {
    const next = 'Look at the state of the container and try again.';
    return make('container-state', `The container at ${where} cannot do that now.`, next);
  }
  const next = 'Look at the engine’s log: sudo journalctl -u docker.';
  return make('engine-failed', `The Docker engine at ${where} could not do it.`, next);
}

export function tooOld(where: string, why: string, cause?: unknown): ExternalError {
  return new ExternalError({
    code: 'engine-too-old',
    message: `The Docker engine at ${where} and PortSync do not speak the same API version.`,
    why,
    next: 'Update Docker on that machine to 20.10 or newer.',
    cause,
  });
}

function reasonIn({ json, message }: Raw): string {
  const told = (json as { message?: unknown } | null | undefined)?.message;
  return typeof told === 'string' ? told : message.replace(/^\(HTTP code \d+\) .*? - /, '');
}

/** One line, without what could drive a terminal. */
function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}
