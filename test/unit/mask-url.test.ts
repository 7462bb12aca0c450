import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectionStringIn, maskUrl, placeIn } from '../../src/model/mask-url.ts';
import { Secret } from '../../src/model/secret.ts';
import { emptyTarget, maskedField, pastedTarget } from '../../src/state/migration-target.ts';
import { edit, insert, SecretField } from '../../src/state/text-field.ts';

const shown = (text: string) => maskUrl(text).text;

describe('a connection string while it is typed', () => {
  it.each([
    ['', ''],
    ['postg', 'postg'],
    ['postgres://', 'postgres://'],
    ['postgres://app', 'postgres://app'],
    ['postgres://app:', 'postgres://app:'],
    ['postgres://app:h', 'postgres://app:••••'],
    ['postgres://app:hunter2', 'postgres://app:••••'],
    ['postgres://app:hunter2@', 'postgres://app:••••@'],
    ['postgres://app:hunter2@db:5432/app', 'postgres://app:••••@db:5432/app'],
    ['postgres://app@db:5432/app', 'postgres://app@db:5432/app'],
    ['postgres://app:a@b:c@db/app', 'postgres://app:••••@db/app'],
    ['postgres://app:a/b?c#d@db/app', 'postgres://app:••••@db/app'],
    [
      'mongodb+srv://u:p@c.mongodb.net/x?w=majority',
      'mongodb+srv://u:••••@c.mongodb.net/x?w=majority',
    ],
    [
      'postgres://db/app?password=hunter2&sslmode=require',
      'postgres://db/app?password=••••&sslmode=require',
    ],
    [
      'postgres://u:p@db/app?sslpassword=x&options=y',
      'postgres://u:••••@db/app?sslpassword=••••&options=••••',
    ],
    ['hunter2', '••••'],
    ['host=db password=hunter2', '••••'],
  ])('%s is shown as %s', (typed, masked) => {
    expect(shown(typed)).toBe(masked);
  });

  const passwords = fc.string({ minLength: 1, maxLength: 12 }).map((text) => `§${text}§`);
  const urlWith = (password: string) => `postgres://app:${password}@db.example.org:5432/app`;

  it('shows no password, whatever signs are in it', () => {
    fc.assert(
      fc.property(passwords, (password) => {
        expect(shown(urlWith(password))).toBe(urlWith('••••'));
      }),
    );
  });

  it('shows none at any moment of its typing, but behind an @ that could be its end', () => {
    const encoded = passwords.map((password) => password.replaceAll('@', '%40'));
    fc.assert(
      fc.property(encoded, (password) => {
        const url = urlWith(password);
        for (let end = 0; end <= url.length; end++) {
          expect(shown(url.slice(0, end))).not.toContain('§');
        }
      }),
    );
  });

  it('has its cursor where it is, and at the dots while that is within them', () => {
    const url = 'postgres://app:hunter2@db/app';
    const at = (cursor: number) => maskedField(new SecretField(url, cursor));
    expect(at(3).cursor).toBe(3);
    expect(at(18)).toEqual({ text: 'postgres://app:••••@db/app', cursor: 19 });
    expect(at(url.length).cursor).toBe(url.length - 'hunter2'.length + 4);
  });

  it('is called by its place in titles', () => {
    expect(placeIn('postgres://app:••••@db:5432/app')).toBe('db:5432/app');
    expect(placeIn('postgres://db:5432/app')).toBe('db:5432/app');
  });
});

describe('what is pasted', () => {
  it('gives the connection string that is in it', () => {
    const url = 'postgresql://app:p@db/app';
    for (const pasted of [`psql '${url}'`, `DATABASE_URL="${url}"\n`, `  ${url}  `]) {
      expect(connectionStringIn(pasted)).toBe(url);
    }
  });

  it('takes the place of a whole one, and goes into a piece of one', () => {
    const first = pastedTarget(emptyTarget, 'postgres://a:b@c/d');
    expect(pastedTarget(first, 'postgres://e:f@g/h').text).toBe('postgres://e:f@g/h');
    expect(pastedTarget(new SecretField('postgres://a:'), 'pw').text).toBe('postgres://a:pw');
  });
});

describe('a secret', () => {
  const field = new SecretField('postgres://a:hunter2@b/c');

  it('is printed by nothing that prints what holds it', () => {
    const held = { field, secret: field.secret, list: [new Secret('hunter2')] };
    expect(JSON.stringify(held)).not.toContain('hunter2');
    expect(inspect(held, { depth: 9, showHidden: true, getters: false })).not.toContain('hunter2');
    expect(`${field.secret}`).not.toContain('hunter2');
    expect(field.secret.reveal()).toContain('hunter2');
  });

  it('stays one while it is edited', () => {
    for (const key of ['backspace', 'left', 'home', 'end', 'ctrl+w', 'ctrl+k']) {
      expect(edit(field, key), key).toBeInstanceOf(SecretField);
    }
    expect(insert(field, 'x')).toBeInstanceOf(SecretField);
  });
});
