import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import parseKeypress from '../../node_modules/ink/build/parse-keypress.js';
import { type Input, KeyReader } from '../../src/terminal/keys.ts';

const ESCAPE = '\x1b[27u';

/** What comes of these chunks, and of waiting in vain after the last one. */
function read(...chunks: string[]): string[] {
  const reader = new KeyReader();
  const inputs = chunks.flatMap((chunk) => reader.read(chunk));
  return [...inputs, ...reader.flush()].map(shown);
}

function shown(input: Input): string {
  return input.kind === 'key' ? input.key : `pasted: ${input.text}`;
}

describe('keys', () => {
  it('come one by one out of a burst', () => {
    expect(read('jjk\x1b[B\x1b[Bq')).toEqual(['j', 'j', 'k', '\x1b[B', '\x1b[B', 'q']);
  });

  it('keep a grapheme together', () => {
    expect(read('aé世👩‍👩‍👧b')).toEqual(['a', 'é', '世', '👩‍👩‍👧', 'b']);
  });

  it.each([
    ['Ctrl-F1 on some terminals', '\x1b[99;5~'],
    ['a mouse click', '\x1b[M !!'],
    ['another mouse click', '\x1b[<0;12;7M'],
    ['losing the focus', '\x1b[O'],
    ['a cursor position', '\x1b[12;40R'],
    ['the colour of the background', '\x1b]11;rgb:0000/0000/0000\x1b\\'],
    ['a terminal that says what it is', '\x1b[?64;1;2c\x1bP>|xterm\x1b\\'],
    ['a key nobody has', '\x1bOy'],
    ['half a sequence', '\x1b[1;'],
    ['a sequence cut short by another', '\x1b[\x1b[99;5~'],
    ['control characters', '\x00\x1c\x1d\x1e\x1f\x80\x9f'],
  ])('leave out %s', (_, sequence) => {
    expect(read(`a${sequence}`)).toEqual(['a']);
    if (!sequence.endsWith(';')) expect(read(`${sequence}b`)).toEqual(['b']);
  });

  it('know Escape from the beginning of a sequence', () => {
    expect(read('\x1b')).toEqual([ESCAPE]);
    expect(read('\x1b', '[A')).toEqual(['\x1b[A']);
    expect(read('\x1b\x1b')).toEqual([ESCAPE, ESCAPE]);
    expect(read('\x1b\x1b[A')).toEqual([ESCAPE, '\x1b[A']);
    expect(read('\x1bb')).toEqual(['\x1bb']);
    expect(read('\x1b,')).toEqual([ESCAPE, ',']);
  });

  it('mean Backspace and Return, whatever the terminal sends for them', () => {
    expect(read('\x7f\b\r\n')).toEqual(['\b', '\b', '\r']);
  });

  it('are the same however the bytes are cut', () => {
    const part = fc.constantFrom(
      'j',
      '\x1b[A',
      '\x1b[1;5C',
      '\x1bOP',
      '世',
      '\x1b[99;5~',
      '\x1b[Z',
    );
    const paste = fc.constantFrom(
      '\x1b[200~q\rw\x1b[201~',
      '\x1b]0;title\x07',
      '\x1b[M abc'.slice(0, 6),
    );
    const whole = fc.array(fc.oneof(part, paste), { maxLength: 8 }).map((parts) => parts.join(''));
    const cuts = fc.array(fc.nat(40), { maxLength: 6 });
    fc.assert(
      fc.property(whole, cuts, (text, at) => {
        const places = [0, ...at.map((cut) => cut % (text.length + 1)), text.length].sort(
          (a, b) => a - b,
        );
        const chunks = places.slice(1).map((end, index) => text.slice(places[index], end));
        expect(read(...chunks)).toEqual(read(...[...text]));
      }),
    );
  });

  it('never reach Ink as something it cannot take', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'\x1b\x1b[]O;~5a1PRm<?M\x07\\') });
    fc.assert(
      fc.property(fc.array(noise), (chunks) => {
        for (const key of read(...chunks).filter((input) => !input.startsWith('pasted'))) {
          const { name, meta } = parseKeypress(key);
          // Without a name, Ink fails where Ctrl was held, and else takes the sequence for text.
          expect(name || meta || key.length === 1, JSON.stringify(key)).toBeTruthy();
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('pasted text', () => {
  it('comes whole, without what could command the terminal', () => {
    expect(read('\x1b[200~postgres://a\r\nq\x1b[31m\x07\x1b[201~j')).toEqual([
      'pasted: postgres://a\nq',
      'j',
    ]);
  });

  it('is taken as it is when its end never comes', () => {
    expect(read('\x1b[200~half a', ' line')).toEqual(['pasted: half a line']);
  });

  it('is recognised on terminals that do not mark it, unlike a key held down', () => {
    const url = 'postgres://app:secret@db.example.com:5432/app';
    expect(read(url)).toEqual([`pasted: ${url}`]);
    expect(read('j'.repeat(40))).toHaveLength(40);
  });

  it('is cut where it is endless', () => {
    const [pasted] = read(`\x1b[200~${'x'.repeat(3_000_000)}`, `${'y'.repeat(1000)}\x1b[201~`);
    expect(pasted).toHaveLength('pasted: '.length + 1_000_000);
  });
});
