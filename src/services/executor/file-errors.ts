import { ExternalError } from '../../errors.ts';
import { FULL_DISK } from '../../model/full-disk.ts';

type Doing = 'read' | 'write' | 'connect';

const codes: Record<Doing, string> = {
  read: 'file-unreadable',
  write: 'file-unwritable',
  connect: 'socket-unreachable',
};
const verbs: Record<Doing, string> = {
  read: 'cannot be read',
  write: 'cannot be written',
  connect: 'cannot be reached',
};

interface Reason {
  sign: RegExp;
  code: string | null;
  why: string;
  next: string;
}

// The signs are both Node's codes and what POSIX programs print in the C locale.
const reasons: readonly Reason[] = [
  {
    sign: /ENOENT|No such file/,
    code: 'file-missing',
    why: 'It does not exist there.',
    next: 'Check the path.',
  },
  {
    sign: /EACCES|EPERM|Permission denied|not permitted/,
    code: 'file-denied',
    why: 'The user that PortSync works as there may not do that.',
    next: 'Use another user, or change the permissions.',
  },
  {
    sign: /EISDIR|Is a directory/,
    code: null,
    why: 'It is a directory.',
    next: 'Name a file.',
  },
  {
    sign: FULL_DISK,
    code: 'disk-full',
    why: 'The disk is full.',
    next: 'Free some space there. The file is as it was before.',
  },
  {
    sign: /EROFS|Read-only file system/,
    code: null,
    why: 'The file system is mounted read-only.',
    next: 'Look at dmesg there: a failing disk is often remounted read-only.',
  },
  {
    sign: /ECONNREFUSED|Connection refused/,
    code: null,
    why: 'No program listens on it.',
    next: 'Start the service that owns the socket.',
  },
];

/** `said` is the system's own text or code; it decides the reason, and stands for itself if unknown. */
export function fileError(
  doing: Doing,
  path: string,
  address: string,
  said: string,
  cause: unknown,
) {
  const reason = reasons.find(({ sign }) => sign.test(said));
  const where = address === 'local' ? '' : ` on ${address}`;
  return new ExternalError({
    code: reason?.code ?? codes[doing],
    message: `${path}${where} ${verbs[doing]}.`,
    why: reason?.why ?? (said.trim() || null),
    next: reason?.next ?? null,
    cause,
  });
}
