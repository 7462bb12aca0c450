import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { describeTarget } from '../../src/services/database/url.ts';
import { attemptsFor } from '../../src/services/postgres/options.ts';

const shown = (url: string) => describeTarget(url).masked;
const where = (url: string) => describeTarget(url).where;

describe('a database URL, as it is shown', () => {
  it.each([
    ['postgres://app:pw@db.x.co:5432/app', 'postgres://app:••••@db.x.co:5432/app'],
    ['postgresql://app:p%40%2F@db/app?sslmode=require', 'postgresql://app:••••@db:5432/app'],
    ['  POSTGRES://app@db\n', 'postgres://app@db:5432/app'],
    ['postgres://db/app?user=bob&password=pw', 'postgres://bob:••••@db:5432/app'],
    ['postgres://app:p@ss@db/app', 'postgres://app:••••@db:5432/app'],
    [
      'mongodb+srv://app:pw@c0.ab.mongodb.net/shop?w=1',
      'mongodb+srv://app:••••@c0.ab.mongodb.net/shop',
    ],
    ['mongodb://db', 'mongodb://db:27017/test'],
  ])('%s', (url, masked) => {
    expect(shown(url)).toBe(masked);
  });

  it('names hosts of every kind, and the default port of each', () => {
    expect(where('postgres://app:pw@a:1,b,[::1]:3/app')).toBe('a:1,b:5432,[::1]:3/app');
    expect(where('mongodb://u:p@a,b:1/x?replicaSet=rs0')).toBe('a:27017,b:1/x');
    expect(where('postgres:///app')).toBe('localhost:5432/app');
    expect(where('postgres:///app?host=/run/postgresql&port=6')).toBe('/run/postgresql:6/app');
    expect(where('postgres://app@%2Frun%2Fpostgresql/app')).toBe('/run/postgresql:5432/app');
    expect(where('postgres://u@a,b/x?port=1,2')).toBe('a:1,b:2/x');
    expect(where('mongodb://%2Ftmp%2Fmongodb-27017.sock/x')).toBe('/tmp/mongodb-27017.sock/x');
  });

  it('falls back to the user as PostgreSQL does, and to test as MongoDB does', () => {
    expect(describeTarget('postgres://app:pw@db').name).toBe('app');
    expect(describeTarget('postgres://db').name).toBeNull();
    expect(describeTarget('mongodb://db/?authSource=admin').name).toBe('test');
  });

  it.each([
    'postgres://app:to/day@db/app',
    'postgres://app:1/day@db/app',
    'postgres://app:1?day@db/app',
    'postgres://app:1#day@db/app',
    'postgres://app:day@db:99999/app',
    'postgres://app:day@db:port/app',
    'mysql://app:day@db/app',
    'host=db password=day',
    'day',
    '',
  ])('refuses %s without a word of it, rather than to guess where its password ends', (url) => {
    let refusal: unknown;
    try {
      describeTarget(url);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(UsageError);
    const { message, why, next } = refusal as UsageError;
    expect(`${message}${why}${next}`).not.toContain('day');
  });

  it('never shows a password, wherever it stands and whatever it is made of', () => {
    const secret = fc.string({ unit: 'grapheme', minLength: 1 }).map((tail) => `Zq7${tail}Wx9`);
    const raw = secret.map((text) => text.replace(/\s/g, ''));
    const password = fc.oneof(raw, secret.map(encodeURIComponent));
    const place = fc.constantFrom(
      (pw: string) => `postgres://app:${pw}@db/app`,
      (pw: string) => `postgres://:${pw}@a:1,[::1]:2/`,
      (pw: string) => `postgres://app@db/app?password=${pw}&sslmode=require`,
      (pw: string) => `postgres:///app?host=/run/pg&sslpassword=${pw}`,
      (pw: string) => `mongodb://app:${pw}@a,b:2/x?authSource=admin`,
      (pw: string) => `mongodb+srv://app:${pw}@c0.ab.net/?tlsCertificateKeyFilePassword=${pw}`,
      (pw: string) => `mysql://app:${pw}@db/app`,
    );
    fc.assert(
      fc.property(password, place, (pw, write) => {
        const text = said(write(pw));
        expect(text).not.toContain('Zq7');
        expect(text).not.toContain('Wx9');
      }),
      { numRuns: 2000 },
    );
  });
});

function said(url: string): string {
  try {
    return JSON.stringify(describeTarget(url));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return JSON.stringify([error.message, error.why, error.next, error.cause]);
  }
}

describe('what PostgreSQL’s driver is given', () => {
  const tls = (url: string) => attemptsFor(url).map((host) => host.map(({ ssl }) => ssl));
  const unverified = { rejectUnauthorized: false };

  it('is every host, with the login decoded', () => {
    const attempts = attemptsFor('postgres://a%20b:p%40%2F@x:1,y/z?options=-c%20a%3Db').flat();
    const login = { user: 'a b', password: 'p@/', database: 'z', options: '-c a=b' };
    expect(attempts).toContainEqual({ ...login, host: 'x', port: 1, ssl: false });
    expect(attempts).toContainEqual({ ...login, host: 'y', port: 5432, ssl: unverified });
  });

  it('means by sslmode what psql means', () => {
    expect(tls('postgres://db/x')).toEqual([[unverified, false]]);
    expect(tls('postgres://localhost/x')).toEqual([[false, unverified]]);
    expect(tls('postgres:///x?host=/run/pg&sslmode=require')).toEqual([[false]]);
    expect(tls('postgres://db/x?sslmode=disable')).toEqual([[false]]);
    expect(tls('postgres://db/x?sslmode=require')).toEqual([[unverified]]);
    expect(tls('postgres://db/x?sslmode=verify-full')).toEqual([[{}]]);
    expect(() => tls('postgres://db/x?sslmode=verify-ca')).toThrow(UsageError);
    expect(() => tls('postgres://db/x?sslrootcert=/nowhere')).toThrow(UsageError);
  });
});
