import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { pastedUrl } from '../../src/services/database/pasted.ts';

const URL = 'postgres://app:p%40w@db.x.co:5432/app?sslmode=require';

describe('what people paste for a URL', () => {
  it.each([
    ['as it is', URL],
    ['with a line’s end', ` ${URL}\r\n`],
    ['in quotes', `"${URL}"`],
    ['in single quotes', `'${URL}'`],
    ['as a line of a .env', `DATABASE_URL="${URL}"`],
    ['as a line of a shell', `export DATABASE_URL='${URL}';`],
    ['as a provider shows it', `psql '${URL}'`],
    ['bare behind psql', `psql ${URL}`],
    ['in angle brackets', `<${URL}>`],
    ['broken by a terminal', `${URL.slice(0, 30)}\n  ${URL.slice(30)}`],
    ['with an invisible mark', `\ufeff${URL}\u200b`],
  ])('%s', (_, text) => {
    expect(pastedUrl(text)).toBe(URL);
  });

  it('leaves a URL alone that has = and quotes of its own', () => {
    const url = `postgres://a:it's=1@[::1]:5433,b/x?options=endpoint%3Dep-1&channel_binding=require`;
    expect(pastedUrl(url)).toBe(url);
    expect(pastedUrl('mongodb+srv://a:b@c/d')).toBe('mongodb+srv://a:b@c/d');
  });

  it.each([
    [
      'jdbc:postgresql://db:5433/shop?user=app&password=hush&sslmode=require',
      'app:PASSWORD@db:5433/shop?sslmode=require',
    ],
    ['jdbc:postgresql:shop', 'USER:PASSWORD@HOST:5432/NAME'],
    [
      "host=db port=5433 dbname=shop user=app password='hush \\' hush'",
      'app:PASSWORD@db:5433/shop',
    ],
    ['host=::1 user=app password=hush', 'app:PASSWORD@[::1]:5432/NAME'],
  ])('refuses %s and shows the form it should have', (text, form) => {
    const { next } = refusal(text);
    expect(next).toContain(`postgres://${form},`);
    expect(next).not.toContain('hush');
  });

  it('never repeats a password of what it refuses', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.boolean(), (tail, jdbc) => {
        const secret = `Zq7${tail}Wx9`;
        const quoted = secret.replace(/[\\']/g, '\\$&');
        const text = jdbc
          ? `jdbc:postgresql://db/app?user=a&password=${encodeURIComponent(secret)}`
          : `host=db password='${quoted}' user=app`;
        const { message, why, next } = refusal(text);
        expect(`${message}${why}${next}`).not.toMatch(/Zq7|Wx9/);
      }),
    );
  });
});

function refusal(text: string): UsageError {
  try {
    pastedUrl(text);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('It was taken.');
}
