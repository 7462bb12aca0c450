// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of compose files.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyChanges, MASK, parsed } from '../../src/services/env/changes.ts';
import { composeNeeds } from '../../src/services/env/compose-needs.ts';
import { parseText } from '../../src/services/env/document.ts';
import { driftOf, parseEnvironment } from '../../src/services/env/drift.ts';
import { lineChanges, maskedText } from '../../src/services/env/lines.ts';
import { findVersion, prunable } from '../../src/services/env/operations.ts';
import { envPlacesOf } from '../../src/services/env/places.ts';
import { spellings } from '../../src/services/env/quoting.ts';
import { READ } from '../../src/services/env/readers/all.ts';
import { READERS } from '../../src/services/env/readers/reading.ts';
import { type Surroundings, verify } from '../../src/services/env/verify.ts';
import {
  indexLine,
  type KeptVersion,
  parseIndex,
  versionId,
} from '../../src/services/env/versions.ts';
import { anyText, anyValue, CASES, PROPERTY_MS, tidyText } from '../rig/env-texts.ts';

const calm: Surroundings = { file: '/app/.env', mode: 0o600, git: 'ignored', needs: null };
const found = (text: string, around: Partial<Surroundings> = {}) =>
  verify(parseText(text), { ...calm, ...around });
const ids = (text: string, around: Partial<Surroundings> = {}) =>
  found(text, around).map(({ id, object }) => `${id} ${object}`);

describe('verify', () => {
  it('finds nothing in a file that all programs read alike', () => {
    expect(found('# app\nA=1\nURL=postgres://app:s3cr3t@h/d?x=1\n\nEMPTY=\n')).toEqual([]);
  });

  it('says which line differs for whom, and what to write instead', () => {
    const [finding] = found('A=1\nB="two" # note\n');
    expect(finding).toMatchObject({
      id: 'env-disagree',
      object: 'B',
      message: 'Line 2 does not mean the same to every program.',
      cure: 'Write it without quotes, blanks or a comment: B=….',
    });
    expect(finding?.why).toContain(
      'docker run --env-file and docker stack deploy: all that follows',
    );
    const [dollar] = found("P='pa$$word'\n");
    expect(dollar?.cure).toContain('in single quotes, which dotenv and Compose read alike');
    expect(ids('P=a#b\n')).toEqual(['env-disagree P']);
    expect(ids('P=a$HOME\n')).toEqual(['env-disagree P']);
  });

  it('says which program refuses the file, at which line', () => {
    expect(ids('A=1\nexport B=2\n')).toEqual(['env-refused line 2', 'env-refused line 2']);
    expect(found("A=1\nB='open\n")).toContainEqual(
      expect.objectContaining({ id: 'env-refused', severity: 'blocker', object: 'line 2' }),
    );
  });

  it('finds keys set twice, stray lines and placeholders', () => {
    expect(ids('A=1\nB=2\nA=3\n')).toEqual(['env-duplicate A']);
    expect(found('A=1\nB=2\nA=3\n')[0]?.message).toContain('lines 1, 3');
    expect(ids('A=1\nsome text\n')).toContain('env-stray-line line 2');
    const placeholders = 'JWT_SECRET=changeme\nAPI_KEY=<your key>\nDB_PASSWORD=\n';
    expect(ids(`${placeholders}DATABASE_URL=postgres://u:postgres@h/d\n`)).toEqual([
      'env-placeholder JWT_SECRET',
      'env-placeholder API_KEY',
      'env-placeholder DB_PASSWORD',
      'env-placeholder DATABASE_URL',
    ]);
    expect(ids('SECRET_TOKEN=Zm9vYmFyYmF6\nPORT=test\nPASSWORD_FILE=/run/secret\n')).toEqual([]);
    expect(ids('NEXT_PUBLIC_API_SECRET=abc\nNEXT_PUBLIC_URL=x\n')).toEqual([
      'env-public-secret NEXT_PUBLIC_API_SECRET',
    ]);
  });

  it('finds who else can read it, and what the compose file misses', () => {
    expect(ids('A=1\n', { mode: 0o640 })).toEqual(['env-mode /app/.env']);
    expect(found('A=1\n', { git: 'tracked' })[0]).toMatchObject({ severity: 'blocker' });
    expect(ids('A=1\n', { git: 'not-ignored' })).toEqual(['env-not-ignored /app/.env']);
    const needs = [
      { key: 'A', required: true },
      { key: 'B', required: true },
      { key: 'C', required: false },
    ];
    expect(found('A=1\n', { needs }).map(({ object, severity }) => [object, severity])).toEqual([
      ['B', 'blocker'],
      ['C', 'warning'],
    ]);
  });

  it(
    'takes any file, and shows no value of it',
    () => {
      const secret = fc.stringMatching(/^[a-z]{10}[!#$"'\\ ]{0,3}[0-9]{10}$/);
      fc.assert(
        fc.property(fc.oneof(anyText, tidyText), secret, (text, value) => {
          const all = JSON.stringify(
            found(`${text}\nMY_SECRET=${value}\nB="${value}"\n# ${value}\n`),
          );
          expect(all).not.toContain(value.slice(0, 10));
          expect(all).not.toContain(value.slice(-10));
        }),
        { numRuns: CASES },
      );
    },
    PROPERTY_MS,
  );
});

describe('what a compose file needs', () => {
  it('is every variable without a default', () => {
    const yaml = `
services:
  web:
    image: shop:\${TAG:?no tag}
    environment:
      URL: postgres://\${USER}:$PASSWORD@db
      HANDED_ON:
      PRICE: "$$5"
      LOG: \${LEVEL:-info}\${MORE+x}
      # NOTE: \${COMMENTED}
  worker:
    environment: [ALSO, SET=1]
`;
    expect(composeNeeds(yaml)).toEqual([
      { key: 'TAG', required: true },
      { key: 'USER', required: false },
      { key: 'PASSWORD', required: false },
      { key: 'HANDED_ON', required: false },
      { key: 'ALSO', required: false },
    ]);
    expect(composeNeeds('services: [')).toBeNull();
  });
});

describe('a way of writing a value', () => {
  it(
    'is read as claimed by each program',
    () => {
      fc.assert(
        fc.property(anyValue, (value) => {
          for (const { text, readers } of spellings(value)) {
            for (const reader of READERS) {
              const read = READ[reader](`A=0\nK=${text}\nL=\n`).values.get('K');
              if (readers.includes(reader)) expect(read).toBe(value);
            }
          }
        }),
        { numRuns: CASES },
      );
    },
    PROPERTY_MS,
  );

  it(
    'suits all programs for the usual secrets',
    () => {
      const usual = fc.oneof(
        fc.base64String({ minLength: 1 }),
        fc.uuid(),
        fc.stringMatching(/^[\w.~:/?@&=%+,-]{1,40}$/),
      );
      fc.assert(
        fc.property(usual, (value) => {
          expect(spellings(value)[0]).toEqual({
            quotes: 'none',
            text: value,
            readers: [...READERS],
          });
        }),
        { numRuns: CASES },
      );
    },
    PROPERTY_MS,
  );
});

describe('differences', () => {
  const before = parseText('A=1\n# A=old-secret\nB="x\ny"\nNEXT_PUBLIC_U=1\n');
  const after = parseText('A=2\n# A=old-secret\nC=\nNEXT_PUBLIC_U=2\n');

  it('are masked unless asked for, and say what needs a build', () => {
    expect(keyChanges(before, after, { reveal: false })).toEqual([
      { key: 'A', change: 'changed', before: MASK, after: MASK, rebuild: false },
      { key: 'C', change: 'added', before: null, after: MASK, rebuild: false },
      { key: 'NEXT_PUBLIC_U', change: 'changed', before: MASK, after: MASK, rebuild: true },
      { key: 'B', change: 'removed', before: MASK, after: null, rebuild: false },
    ]);
    expect(keyChanges(before, after, { reveal: true })[0]).toMatchObject({
      before: '1',
      after: '2',
    });
  });

  it('line by line keep a value of several lines together', () => {
    expect(
      lineChanges(before, after, { reveal: false }).map(({ mark, text }) => mark + text),
    ).toEqual([
      `-A=${MASK}`,
      `+A=${MASK}`,
      ` # ${MASK}`,
      `-B=${MASK}`,
      `-NEXT_PUBLIC_U=${MASK}`,
      `+C=${MASK}`,
      `+NEXT_PUBLIC_U=${MASK}`,
    ]);
    const revealed = lineChanges(before, after, { reveal: true }).map(
      ({ mark, text }) => mark + text,
    );
    expect(revealed).toContain('-y"');
  });

  it('of 10,000 changed keys come at once', () => {
    const file = (value: string) =>
      parseText(Array.from({ length: 10_000 }, (_, index) => `K${index}=${value}`).join('\n'));
    expect(lineChanges(file('a'), file('b'), { reveal: false })).toHaveLength(20_000);
  });

  it(
    'masked show nothing of any value, comment or half-quoted secret',
    () => {
      const secret = 'q7Zx9pLm3';
      const pieces = fc.array(
        fc.constantFrom(
          'A=',
          'B = "',
          "C='",
          '\n',
          '"',
          "'",
          '#',
          ' # ',
          secret,
          'export D=',
          '\r\n',
          ':',
        ),
        { maxLength: 20 },
      );
      fc.assert(
        fc.property(pieces, (parts) => {
          const text = parts.join('');
          const document = parseText(text);
          if (document.entries.some(({ key }) => key.includes(secret))) return;
          expect(maskedText(document)).not.toContain(secret);
        }),
        { numRuns: CASES },
      );
    },
    PROPERTY_MS,
  );
});

describe('where versions run', () => {
  const values = (text: string) => parsed(Buffer.from(text)).values;
  async function* versions(read: string[]) {
    for (const [id, text] of [
      ['v3', 'A=2\n'],
      ['v2', 'A=1\nOLD=x\n'],
      ['v1', 'A=1\n'],
    ] as const) {
      read.push(id);
      yield { id, values: values(text) };
    }
  }
  const former = new Set(['A', 'OLD']);
  const place = (where: string, text: string) => ({ where, env: values(text) });

  it('is told for each replica, and what it lacks of the file', async () => {
    const running = [
      place('web.1', 'A=2\nPATH=/bin\n'),
      place('web.2', 'A=1\nOLD=x\n'),
      place('web.3', 'A=7\n'),
    ];
    expect(await envPlacesOf(values('A=2\n'), running, former, versions([]))).toEqual([
      { where: 'web.1', version: 'v3', differs: [], unread: null },
      { where: 'web.2', version: 'v2', differs: ['A', 'OLD'], unread: null },
      { where: 'web.3', version: null, differs: ['A'], unread: null },
    ]);
  });

  it('reads no older version than it takes', async () => {
    const read: string[] = [];
    await envPlacesOf(values('A=2\n'), [place('web.1', 'A=2\n')], former, versions(read));
    expect(read).toEqual(['v3']);
  });
});

describe('drift', () => {
  it('names what differs where, and knows variables that were never in the file', () => {
    const file = parsed(Buffer.from('A=1\nB=2\n')).values;
    const env = parseEnvironment('PATH=/bin\0A=1\0B=line one\nline two\0OLD=x\0');
    const running = [
      { where: 'web.1', env },
      { where: 'web.2', env: new Map([['A', '1']]) },
      {
        where: '.env on fra-2',
        env: new Map([
          ['A', '1'],
          ['B', '2'],
          ['THERE', 'x'],
        ]),
        copy: true,
      },
    ];
    expect(driftOf(file, running, new Set(['A', 'B', 'OLD']))).toEqual([
      { key: 'B', where: 'web.1', how: 'different' },
      { key: 'OLD', where: 'web.1', how: 'extra' },
      { key: 'B', where: 'web.2', how: 'missing' },
      { key: 'THERE', where: '.env on fra-2', how: 'extra' },
    ]);
  });
});

describe('versions', () => {
  const version = (day: number, more: Partial<KeptVersion> = {}): KeptVersion => {
    const at = Date.UTC(2026, 0, day);
    const hash = day.toString(16).padStart(64, '0').split('').reverse().join('');
    return {
      ...{ id: versionId(at, hash), at: new Date(at).toISOString(), author: 'a', host: 'h' },
      ...{ reason: 'r', changed: [], sha256: hash, named: false, sizeBytes: 1 },
      ...more,
    };
  };

  it('are pruned by age and number, never the current nor a named one', () => {
    const versions = [version(9), version(8), version(5, { named: true }), version(3), version(2)];
    const now = Date.UTC(2026, 0, 10);
    const days = (rule: { keep: number; days: number }, current = versions[0]?.id ?? null) =>
      prunable({ versions, current }, rule, now).map(({ at }) => at.slice(8, 10));
    expect(days({ keep: 1, days: 0 })).toEqual(['08', '03', '02']);
    expect(days({ keep: 0, days: 0 })).toEqual(['08', '03', '02']);
    expect(days({ keep: 1, days: 4 })).toEqual(['03', '02']);
    expect(days({ keep: 4, days: 0 })).toEqual(['02']);
    expect(days({ keep: 1, days: 0 }, versions[4]?.id)).toEqual(['08', '03']);
  });

  it('are found by the beginning of their id or hash, and by how old they are', () => {
    const versions = [version(9), version(8)];
    const [newest, older] = versions as [KeptVersion, KeptVersion];
    const history = { versions, current: newest.id, file: '', keys: 0, notRecorded: null };
    expect(findVersion(history, 'current')).toBe(newest);
    expect(findVersion(history, 'previous')).toBe(older);
    expect(findVersion(history, '20260108')).toBe(older);
    expect(findVersion(history, older.sha256.slice(0, 8))).toBe(older);
    expect(() => findVersion(history, '2026')).toThrow(/More than one/);
    expect(() => findVersion(history, 'x')).toThrow(/no version “x”/);
  });

  it('are read from an index whatever became of its lines', () => {
    const whole = version(1);
    const text = `${indexLine(whole)}{"id":"cut o\n${indexLine(version(2))}[1]\nnull\n`;
    expect([...parseIndex(text).keys()]).toEqual([whole.id, version(2).id]);
    fc.assert(
      fc.property(fc.nat(indexLine(whole).length - 2), (cut) => {
        expect(parseIndex(indexLine(whole).slice(0, cut)).size).toBe(0);
      }),
    );
  });
});
