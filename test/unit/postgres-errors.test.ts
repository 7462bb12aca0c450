import { describe, expect, it } from 'vitest';
import { CancelledError, PortSyncError } from '../../src/errors.ts';
import { postgresError } from '../../src/services/postgres/errors.ts';
import { hintFor } from '../../src/services/postgres/figures.ts';

const failure = (message: string, code?: string) => Object.assign(new Error(message), { code });
const codeOf = (error: unknown) => postgresError(error, 'db:5432/app').code;

describe('what PostgreSQL and the way to it say, in the words of a user', () => {
  it.each([
    ['28P01', 'database-password'],
    ['28000', 'database-not-allowed'],
    ['3D000', 'database-unknown'],
    ['53300', 'database-connections-full'],
    ['53100', 'database-resources'],
    ['57P03', 'database-starting'],
    ['57P01', 'database-connection-lost'],
    ['57014', 'database-timeout'],
    ['42501', 'database-privilege'],
    ['25006', 'database-read-only'],
    ['55P03', 'database-locked'],
    ['22012', 'database-error'],
    ['ENOTFOUND', 'database-name-unknown'],
    ['ECONNREFUSED', 'database-refused'],
    ['ENOENT', 'database-refused'],
    ['ETIMEDOUT', 'database-unreachable'],
    ['ECONNRESET', 'database-connection-lost'],
    ['EPIPE', 'database-connection-lost'],
    ['CERT_HAS_EXPIRED', 'database-certificate'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'database-tls'],
  ])('%s is %s', (code, expected) => {
    expect(codeOf(failure('x', code))).toBe(expected);
  });

  it.each([
    ['Connection terminated unexpectedly', 'database-connection-lost'],
    ['The server does not support SSL connections', 'database-tls'],
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'database-password'],
  ])('“%s”, which has no code, is %s', (message, expected) => {
    expect(codeOf(failure(message))).toBe(expected);
  });

  it('understands the general codes of poolers by their text, and no user’s data that way', () => {
    expect(codeOf(failure('Tenant or user not found', 'XX000'))).toBe('database-password');
    expect(codeOf(failure('no more connections allowed (max_client_conn)', '08P01'))).toBe(
      'database-connections-full',
    );
    expect(codeOf(failure('too many clients on this plan', 'P0001'))).toBe('database-error');
  });

  it('tells a time limit from a person who stopped it', () => {
    expect(codeOf(new DOMException('x', 'TimeoutError'))).toBe('database-timeout');
    expect(postgresError(new DOMException('x', 'AbortError'), 'db')).toBeInstanceOf(CancelledError);
  });

  it('says where, why and what next, on one line each, and translates only once', () => {
    const error = postgresError(
      failure('no pg_hba.conf entry\n for host "1.2.3.4"', '28000'),
      'db:1/x',
    );
    expect(error).toBeInstanceOf(PortSyncError);
    expect(error.message).toContain('db:1/x');
    expect(error.why).toBe('no pg_hba.conf entry for host "1.2.3.4"');
    expect(error.next).toContain('sslmode=require');
    expect(postgresError(error, 'elsewhere')).toBe(error);
  });
});

describe('the hint', () => {
  const server = {
    version: '17.1',
    maxConnections: 100,
    role: 'a"b',
    sample: { atMs: 0, transactions: 0, cacheHits: 0, cacheMisses: 0 },
  };
  const quiet = { used: 8, blocked: 0, longestTransactionMs: null, slow: [], blockers: [] };

  it('is null when the role sees everything', () => {
    const activity = { ...quiet, hidden: 0 };
    const replication = { lags: [], hidden: false };
    expect(hintFor({ server, activity, replication, busyMs: 1 }, new Set())).toBeNull();
  });

  it('names what is hidden, and the statement that shows it', () => {
    const activity = { ...quiet, hidden: 3 };
    const hint = hintFor(
      { server, activity, replication: null, busyMs: 1 },
      new Set(['replication']),
    );
    expect(hint).toContain('the queries of 3 connections, nor the replication views');
    expect(hint).toContain('grant pg_monitor to "a""b";');
  });
});
