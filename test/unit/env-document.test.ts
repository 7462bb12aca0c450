import { parse } from 'dotenv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { type EnvDocument, parseBytes, parseText } from '../../src/services/env/document.ts';
import { setKey, unsetKey } from '../../src/services/env/edit.ts';
import { toBytes, toText } from '../../src/services/env/text.ts';
import { anyBytes, anyText, anyValue, CASES, PROPERTY_MS, tidyText } from '../rig/env-texts.ts';

const check = <T>(property: fc.IRawProperty<T>) => fc.assert(property, { numRuns: CASES });

const sorted = (values: Iterable<[string, string]>) =>
  [...values].sort(([a], [b]) => (a < b ? -1 : 1));

describe('reading a .env', () => {
  it(
    'finds exactly the keys and values that dotenv finds, whatever the file',
    () => {
      const same = (text: string, { values }: EnvDocument) => {
        expect(sorted(values)).toEqual(sorted(Object.entries(parse(text))));
      };
      check(fc.property(anyText, (text) => same(text, parseText(text))));
      check(fc.property(anyBytes, (bytes) => same(bytes.toString('utf8'), parseBytes(bytes))));
    },
    PROPERTY_MS,
  );

  it(
    'gives back every byte, UTF-8 or not',
    () => check(fc.property(anyBytes, (bytes) => toBytes(toText(bytes)).equals(bytes))),
    PROPERTY_MS,
  );

  it('stays fast where dotenv alone would not come back', () => {
    const blank = `A=1\n${'\n'.repeat(200_000)}!\n`;
    expect(parseText(blank).values).toEqual(new Map([['A', '1']]));
    const many = Array.from({ length: 10_000 }, (_, index) => `KEY_${index}="v ${index}"`);
    expect(parseText(many.join('\n')).values.size).toBe(10_000);
    const large = `A="${'x\n'.repeat(2_500_000)}"\nB='open\n`;
    expect(parseText(large).values.get('A')).toHaveLength(5_000_000);
  });
});

describe('setting a key', () => {
  const set = (text: string, key: string, value: string) =>
    setKey(parseText(text), key, value).text;

  it('keeps comments, order, quotes, export, line ends and the missing last newline', () => {
    expect(set('# top\r\nexport A = "old"  # why\r\nB=2', 'A', 'new')).toBe(
      '# top\r\nexport A = "new"  # why\r\nB=2',
    );
    expect(set('\ufeffA=1\nB=2', 'C', '3')).toBe('\ufeffA=1\nB=2\nC=3');
    expect(set('A=1\r\n', 'C', '3')).toBe('A=1\r\nC=3\r\n');
    expect(set('', 'C', '3')).toBe('C=3\n');
    expect(set("K='one\ntwo' # multi\nB=2\n", 'K', 'x')).toBe("K='x' # multi\nB=2\n");
  });

  it('changes the one of two that counts', () => {
    expect(set('A=1\nA=2\nB=3\n', 'A', '9')).toBe('A=1\nA=9\nB=3\n');
  });

  it('writes what most programs read alike', () => {
    expect(set('A=\n', 'A', 'p#1 $x')).toBe("A='p#1 $x'\n");
    expect(set('A="q"\n', 'A', 'pa$$')).toBe("A='pa$$'\n");
    expect(set('A=\n', 'A', 'l1\nl2')).toBe('A="l1\\nl2"\n');
    expect(set('A= # note\n', 'A', 'x')).toBe('A=x # note\n');
    expect(set('A=old#note\n', 'A', 'x')).toBe('A=x #note\n');
  });

  it(
    'touches that key only, in any file, or refuses',
    () =>
      check(
        fc.property(anyText, fc.constantFrom('A', 'KEY', 'NEW'), anyValue, (text, key, value) => {
          const before = parseText(text);
          const after = orRefused(() => setKey(before, key, value));
          if (!after) return;
          expect(parse(after.text)[key]).toBe(value);
          expect(without(parse(after.text), key)).toEqual(without(parse(text), key));
          expect(bytesThatStay(before, key).every((piece) => after.text.includes(piece))).toBe(
            true,
          );
        }),
      ),
    PROPERTY_MS,
  );

  it(
    'never refuses a file that is in order',
    () =>
      check(
        fc.property(
          tidyText,
          fc.constantFrom('A', 'NEW'),
          fc.base64String(),
          (text, key, value) => {
            expect(setKey(parseText(text), key, value).values.get(key)).toBe(value);
          },
        ),
      ),
    PROPERTY_MS,
  );

  it('refuses what no one could read back, and what is no .env', () => {
    const code = (work: () => unknown) => {
      try {
        work();
      } catch (error) {
        return (error as UsageError).code;
      }
      return null;
    };
    expect(code(() => set('', 'A B', 'x'))).toBe('env-key-invalid');
    expect(code(() => set('', '__proto__', 'x'))).toBe('env-key-invalid');
    expect(code(() => set('', 'A', '\'"`\n\\n#'))).toBe('env-value-unwritable');
    expect(code(() => set('A=\0\n', 'A', 'x'))).toBe('env-binary');
    expect(code(() => unsetKey(parseText("X='abc\nB=it's\nC=foo'\n"), 'B'))).toBe('env-entangled');
  });
});

describe('removing a key', () => {
  it('takes its lines away and nothing else', () => {
    const unset = (text: string, key: string) => unsetKey(parseText(text), key).text;
    expect(unset('A=1\n# keep\n export B="x\ny" # gone\nC=3\nB=4\n', 'B')).toBe(
      'A=1\n# keep\nC=3\n',
    );
    expect(unset('\ufeffA=1\nB=2', 'A')).toBe('\ufeffB=2');
    expect(unset('A=1\r\nB=2', 'B')).toBe('A=1\r\n');
    expect(unset('A=1\n', 'B')).toBe('A=1\n');
  });

  it(
    'touches that key only, in any file, or refuses',
    () =>
      check(
        fc.property(fc.oneof(anyText, tidyText), fc.constantFrom('A', 'KEY', 'B'), (text, key) => {
          const after = orRefused(() => unsetKey(parseText(text), key));
          if (after) expect(parse(after.text)).toEqual(without(parse(text), key));
        }),
      ),
    PROPERTY_MS,
  );

  it(
    'never refuses a file that is in order, and undoes an addition byte for byte',
    () =>
      check(
        fc.property(tidyText, anyValue, (text, value) => {
          expect(unsetKey(parseText(text), 'A').values.has('A')).toBe(false);
          const added = orRefused(() => setKey(parseText(text), 'NEW', value));
          if (!added || /[^\n]$/.test(text)) return;
          expect(unsetKey(added, 'NEW').text).toBe(text);
        }),
      ),
    PROPERTY_MS,
  );
});

function orRefused<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

function without(values: Record<string, string>, key: string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([each]) => each !== key));
}

/** What stands before and after the value that is set. */
function bytesThatStay({ text, entries }: EnvDocument, key: string): string[] {
  const entry = entries.findLast((each) => each.key === key);
  return entry ? [text.slice(0, entry.valueStart), text.slice(entry.end)] : [text];
}
