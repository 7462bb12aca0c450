import { PortSyncError } from '../../errors.ts';
import { connectionLost, networkProblem } from '../database/network-errors.ts';
import { tell, tellUnknown, type Words } from '../database/words.ts';

const starting: Words = {
  code: 'database-starting',
  message: (where) => `The server at ${where} takes no connections now.`,
  why: 'It is starting, stopping or recovering.',
  next: 'Wait: PortSync connects again by itself. If it lasts, look at the log of the server.',
};

const stopped: Words = {
  code: 'database-connection-lost',
  message: (where) => `The server at ${where} ended the connection.`,
  why: 'It was stopped or restarted, or an administrator ended the session.',
  next: 'PortSync connects again by itself.',
};

const password: Words = {
  code: 'database-password',
  message: (where) => `The server at ${where} did not accept the user and the password.`,
  why: null,
  next: 'Check the user and the password in DATABASE_URL; special characters must be percent-encoded.',
};

const noEntry: Words = {
  code: 'database-not-allowed',
  message: (where) => `The server at ${where} does not let this user in from here.`,
  why: null,
  next: 'Allow it in pg_hba.conf or in the network settings of the provider; where it asks for encryption, add sslmode=require to the URL.',
};

const tooMany: Words = {
  code: 'database-connections-full',
  message: (where) => `The server at ${where} has no connection left.`,
  why: 'Every connection that it or this role may have is in use.',
  next: 'End connections that are not needed, lower the size of the pool in the app, or raise max_connections.',
};

const noRight: Words = {
  code: 'database-privilege',
  message: (where) => `The role may not do this at ${where}.`,
  why: null,
  next: 'Grant it what the reason names, or use a role that has it.',
};

const full: Words = {
  code: 'database-resources',
  message: (where) => `The server at ${where} has run out of resources.`,
  why: null,
  next: 'Free disk or memory on the machine of the server.',
};

/** SQLSTATEs, and their classes of two characters, in words. The server's own words fill a null. */
const BY_SQLSTATE: Record<string, Words> = {
  '08': stopped,
  '28000': noEntry,
  '28P01': password,
  '3D000': {
    code: 'database-unknown',
    message: (where) => `There is no such database at ${where}.`,
    why: null,
    next: 'Check the name at the end of DATABASE_URL, or create the database.',
  },
  '25006': {
    code: 'database-read-only',
    message: (where) => `The database at ${where} takes no writes now.`,
    why: 'It is a replica, or writes are being refused on purpose.',
    next: 'Use the primary server.',
  },
  '42501': noRight,
  '53': full,
  '53300': tooMany,
  '53400': { ...full, why: 'A limit in its configuration is reached.' },
  '55P03': {
    code: 'database-locked',
    message: (where) => `A lock at ${where} was not to be had in time.`,
    why: 'Another transaction holds it.',
    next: 'Look at the longest transaction, and try again when it has ended.',
  },
  '57014': {
    code: 'database-timeout',
    message: (where) => `A query at ${where} was ended before it was done.`,
    why: 'It took longer than its limit, or somebody cancelled it.',
    next: 'Look at the load of the server.',
  },
  '57P': stopped,
  '57P03': starting,
};

// The driver gives these no code, poolers only a general one.
const BY_TEXT: Array<[RegExp, Words]> = [
  [
    /does not support SSL|establishing an SSL/,
    {
      code: 'database-tls',
      message: (where) => `The server at ${where} speaks no TLS.`,
      why: 'The URL asks for encryption (sslmode), and the server has none.',
      next: 'Switch TLS on at the server, or write sslmode=disable where the network is safe.',
    },
  ],
  [
    /client password must be|No password|password must be a string/i,
    {
      ...password,
      why: 'The server asks for a password and the URL holds none.',
    },
  ],
  [/tenant or user not found|no such (user|database)|SASL auth/i, password],
  [/no more connections allowed|too many (clients|connections)|max client/i, tooMany],
];

/**
 * Whatever went wrong while speaking to PostgreSQL, in the words of a user.
 * @param where host:port/name, from describeTarget
 */
export function postgresError(error: unknown, where: string): PortSyncError {
  if (error instanceof PortSyncError) return error;
  const known = networkProblem(error, where);
  if (known) return known;
  const text = error instanceof Error ? error.message : String(error);
  const words = wordsOfText(sqlState(error), text) ?? wordsOf(sqlState(error));
  if (words) return tell(words, where, error);
  if (/terminated|not queryable|read timeout|timeout expired/i.test(text)) {
    return connectionLost(where, error);
  }
  return tellUnknown(sqlState(error), where, error);
}

/** The five characters, or '' when the error is none of the server's. */
export function sqlState(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : '';
}

/** Only where the state says nothing: the text of other errors may come from the user's own data. */
function wordsOfText(state: string, text: string): Words | undefined {
  if (state !== '' && !/^(08|28|XX)/.test(state)) return undefined;
  return BY_TEXT.find(([pattern]) => pattern.test(text))?.[1];
}

function wordsOf(state: string): Words | undefined {
  return BY_SQLSTATE[state] ?? BY_SQLSTATE[state.slice(0, 3)] ?? BY_SQLSTATE[state.slice(0, 2)];
}
