import * as original from '@alcalzone/ansi-tokenize';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import * as fast from '../../src/terminal/fast-tokens.ts';
import fastWidth from '../../src/terminal/fast-width.ts';
import { isSimple } from '../../src/terminal/simple-text.ts';

// Ink's own measures and tokens, which these must equal: they take their place in the bundle.

const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: fc.constantFrom(...'aZ é─│●▂…✓→') }),
      fc.constantFrom('\x1b[31m', '\x1b[39m', '\x1b[1;36m', '\x1b[22m', '\x1b[0m', '\x1b[m'),
      fc.constantFrom('\x1b[38;5;9m', '\x1b[2J', '\x1b[1;', '\x1b', '\x9b1m', '\t', '\n'),
      fc.constantFrom('世', '😀', '👩‍👩‍👧', '\u0301', '\u200b', '\xad', '\x1b]8;;http://x\x07'),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

const RUNS = { numRuns: 3_000 };

describe('the fast way', () => {
  it('measures as string-width does', () => {
    fc.assert(
      fc.property(text, (line) => {
        expect(fastWidth(line)).toBe(stringWidth(line));
      }),
      RUNS,
    );
  });

  it('tokenises as ansi-tokenize does', () => {
    fc.assert(
      fc.property(text, (line) => {
        expect(fast.tokenize(line)).toEqual(original.tokenize(line));
      }),
      RUNS,
    );
  });

  it('styles characters, and writes them down again, as ansi-tokenize does', () => {
    fc.assert(
      fc.property(text, (line) => {
        const chars = original.styledCharsFromTokens(original.tokenize(line));
        expect(fast.styledCharsFromTokens(fast.tokenize(line))).toEqual(chars);
        expect(fast.styledCharsToString(chars)).toBe(original.styledCharsToString(chars));
      }),
      RUNS,
    );
  });

  it('takes no character for simple that is wide, joins its neighbour, or is not seen', () => {
    const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
    for (let code = 0; code <= 0xffff; code++) {
      if (!isSimple(code)) continue;
      const char = String.fromCharCode(code);
      const alone = [...segmenter.segment(`a${char}${char}b`)].length === 4;
      expect(stringWidth(char) === 1 && alone, `U+${code.toString(16)}`).toBe(true);
    }
  });
});
