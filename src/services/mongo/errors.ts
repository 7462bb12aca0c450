import { PortSyncError, UsageError } from '../../errors.ts';
import { connectionLost, networkProblem } from '../database/network-errors.ts';
import { tell, tellUnknown, type Words } from '../database/words.ts';

const password: Words = {
  code: 'database-password',
  message: (where) => `The server at ${where} did not accept the user and the password.`,
  why: 'One of them is wrong, or the user is kept in another database.',
  next: 'Check the user, the password and authSource= in DATABASE_URL; special characters must be percent-encoded.',
};

const stopped: Words = {
  code: 'database-connection-lost',
  message: (where) => `The server at ${where} ended the connection.`,
  why: 'It is being stopped or restarted.',
  next: 'PortSync connects again by itself.',
};

const notReady: Words = {
  code: 'database-starting',
  message: (where) => `The member at ${where} gives no data now.`,
  why: 'It is starting, recovering, or the set is choosing a primary.',
  next: 'Wait: PortSync connects again by itself. If it lasts, look at the log of the server.',
};

const turnedAway: Words = {
  code: 'database-turned-away',
  message: (where) => `The server at ${where} closed the connection at once.`,
  why: 'It has no connection left, or lets nobody in from here.',
  next: 'End connections that are not needed, or raise maxIncomingConnections; on Atlas add this machine to the IP access list.',
};

const BY_CODE: Record<number, Words> = {
  13: {
    code: 'database-privilege',
    message: (where) => `The user may not do this at ${where}.`,
    why: null,
    next: 'Grant the role that the reason names, or use a user that has it.',
  },
  18: password,
  50: {
    code: 'database-timeout',
    message: (where) => `A command at ${where} was ended before it was done.`,
    why: 'It took longer than its limit.',
    next: 'Look at the load of the server.',
  },
  91: stopped,
  189: notReady,
  211: notReady,
  10107: notReady,
  11600: stopped,
  11602: notReady,
  13435: notReady,
  13436: notReady,
};

/** Whatever went wrong while speaking to MongoDB, in the words of a user. */
export function mongoError(error: unknown, where: string): PortSyncError {
  if (error instanceof PortSyncError) return error;
  const words = wordsOf(error);
  if (words) return tell(words, where, error);
  const name = error instanceof Error ? error.name : '';
  if (/^Mongo(Parse|InvalidArgument|MissingDependency|API)Error$/.test(name)) return badUrl(error);
  const network = networkProblem(timeLimit(error) ?? error, where);
  if (network) return network;
  if (name.startsWith('MongoNetwork')) return connectionLost(where, error);
  return tellUnknown(String(serverCode(error) ?? ''), where, error);
}

/** The same while connecting: a server that has no room says nothing, it hangs up. */
export function mongoConnectError(error: unknown, where: string): PortSyncError {
  const known = mongoError(error, where);
  return known.code === 'database-connection-lost' ? tell(turnedAway, where, error) : known;
}

/** The number that a server gave as its reason; null when the error is none of its own. */
export function serverCode(error: unknown): number | null {
  if (!(error instanceof Error) || error.name !== 'MongoServerError' || !('code' in error))
    return null;
  return typeof error.code === 'number' ? error.code : null;
}

function wordsOf(error: unknown): Words | undefined {
  const code = serverCode(error);
  if (code === null) return undefined;
  // Atlas gives its refusals one number of its own.
  if (code === 8000)
    return /bad auth|authentication failed/i.test(String(error)) ? password : BY_CODE[13];
  return BY_CODE[code];
}

/** The driver's own limits, as if they were ours. */
function timeLimit(error: unknown): Error | null {
  const over = error instanceof Error && error.name === 'MongoNetworkTimeoutError';
  return over ? new DOMException(error.message, 'TimeoutError') : null;
}

/** The driver's text may quote what it could not read. */
function badUrl(cause: unknown): UsageError {
  return new UsageError({
    code: 'database-url',
    message: 'The driver of MongoDB does not take the database URL.',
    why: 'An option in it is unknown, or has a value that it may not have.',
    next: 'Copy the URL once more from where it was given to you, and check what stands behind the ?.',
    cause,
  });
}
