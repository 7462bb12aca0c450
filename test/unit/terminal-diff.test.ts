import type { Terminal } from '@xterm/headless';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellReader, type Row } from '../../src/terminal/cells.ts';
import { diff } from '../../src/terminal/diff.ts';
import { type Cell, cellOf, newEmulator, screenOf } from '../rig/pty.ts';

const NO_WRAP = '\x1b[?7l';
const everything = { colour: true, utf8: true };

function write(emulator: Terminal, bytes: string): Promise<void> {
  return new Promise((resolve) => emulator.write(bytes, resolve));
}

/** What a person can tell apart: a blank's own colour or weight is not seen. */
function looks(emulator: Terminal, columns: number): string[] {
  const look = (cell: Cell) => {
    const { text, bg, underline, inverse, strikethrough } = cell;
    const surface = [text, bg, underline, inverse, strikethrough];
    return JSON.stringify(text === ' ' ? surface : { ...cell, width: 0 });
  };
  const cells = [];
  for (let y = 0; y < emulator.rows; y++) {
    for (let x = 0; x < columns; x++) cells.push(`${x},${y} ${look(cellOf(emulator, x, y))}`);
  }
  return cells;
}

const sgr = (...codes: string[]) => fc.constantFrom(...codes.map((code) => `\x1b[${code}m`));
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: fc.constantFrom(...'abc  │─●'), maxLength: 12 }) },
  { weight: 3, arbitrary: sgr('31', '32', '39', '1', '2', '22', '7', '27', '0', '44', '49') },
  { weight: 1, arbitrary: sgr('38;5;208', '48;2;1;2;3', '4', '24', '1;31', '5') },
  { weight: 1, arbitrary: fc.constantFrom('世', '界', '한', '、') },
);
const emoji = fc.constantFrom(
  '😀',
  '❤️',
  '👩‍👩‍👧',
  '🇩🇪',
  'e\u0301',
  '1️⃣',
  '⌚',
  '\u200b',
  '\t',
  '👍🏽',
  'ｶﾞ',
);
const lines = (part: fc.Arbitrary<string>) =>
  fc.array(
    fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
    { maxLength: 7 },
  );
const calmLines = lines(piece);
const wildLines = lines(fc.oneof({ weight: 4, arbitrary: piece }, { weight: 1, arbitrary: emoji }));

interface Step {
  lines: string[];
  cols: number;
  rows: number;
}

/** A few frames; now and then the terminal changes its size between them. */
function stepsOf(frame: fc.Arbitrary<string[]>): fc.Arbitrary<Step[]> {
  const cols = fc.integer({ min: 2, max: 24 });
  const rows = fc.integer({ min: 1, max: 6 });
  const start = fc.record({ lines: frame, cols, rows });
  const later = fc.record({ lines: frame, cols: fc.option(cols), rows: fc.option(rows) });
  return fc.tuple(start, fc.array(later, { maxLength: 4 })).map(([first, others]) => {
    const steps = [first];
    for (const { lines, cols, rows } of others) {
      const { cols: lastCols, rows: lastRows } = steps.at(-1) ?? first;
      steps.push({ lines, cols: cols ?? lastCols, rows: rows ?? lastRows });
    }
    return steps;
  });
}

/** Paints the steps one over the other; the last one is what must be seen. */
async function paint(emulator: Terminal, steps: Step[]): Promise<void> {
  const reader = new CellReader(everything);
  let shown: Row[] | null = null;
  await write(emulator, NO_WRAP + 'junk that was here before '.repeat(9));
  for (const { lines, cols, rows } of steps) {
    if (cols !== emulator.cols || rows !== emulator.rows) {
      emulator.resize(cols, rows);
      shown = null;
    }
    const next = reader.read(lines.join('\n'), rows);
    await write(emulator, diff(shown, next, cols, reader.styles));
    shown = next;
  }
}

describe('the difference between two frames', () => {
  it('turns one screen exactly into the other', async () => {
    const property = fc.asyncProperty(stepsOf(calmLines), async (steps) => {
      const { lines, cols, rows } = steps.at(-1) as Step;
      const painted = newEmulator(steps[0]?.cols ?? 0, steps[0]?.rows ?? 0);
      await paint(painted, steps);
      // A terminal that is wide enough reads the last frame by itself. In the last column it may
      // have half of a wide character, which is cut off here.
      const plain = newEmulator(200, rows);
      const placed = lines.slice(0, rows).map((line, y) => `\x1b[${y + 1}H\x1b[m${line}`);
      await write(plain, NO_WRAP + placed.join(''));
      expect(looks(painted, cols - 1)).toEqual(looks(plain, cols - 1));
    });
    await fc.assert(property, { numRuns: 150 });
  }, 60_000);

  it.each([true, false])(
    'keeps everything around an emoji in place (terminal knows graphemes: %s)',
    async (graphemes) => {
      const property = fc.asyncProperty(stepsOf(wildLines), async (steps) => {
        const { cols, rows } = steps.at(-1) as Step;
        const stepped = newEmulator(steps[0]?.cols ?? 0, steps[0]?.rows ?? 0, graphemes);
        await paint(stepped, steps);
        const fresh = newEmulator(cols, rows, graphemes);
        await paint(fresh, steps.slice(-1));
        expect(looks(stepped, cols)).toEqual(looks(fresh, cols));
      });
      await fc.assert(property, { numRuns: 80 });
    },
    60_000,
  );

  it('writes nothing when nothing changed', () => {
    const reader = new CellReader(everything);
    const first = reader.read('one\n\x1b[32mtwo\x1b[39m', 4);
    expect(diff(first, reader.read('one\n\x1b[32mtwo\x1b[0m  ', 4), 20, reader.styles)).toBe('');
  });

  it('writes only what changed, the short way', () => {
    const reader = new CellReader(everything);
    const before = reader.read('cpu  11%  mem 148M  net 1.2M\nlast line', 2);
    const after = reader.read('cpu  12%  mem 149M  net 1.2M\nlast line', 2);
    expect(diff(before, after, 40, reader.styles)).toBe('\x1b[;7H2\x1b[9C9');
  });

  it('goes down a column that changes in every row, as when a list scrolls', () => {
    const list = (first: number) =>
      [0, 1, 2, 3].map((n) => `web-${first + n}  up  ${(first + n) * 3}M`).join('\n');
    const reader = new CellReader(everything);
    expect(diff(reader.read(list(11), 4), reader.read(list(12), 4), 40, reader.styles)).toBe(
      '\x1b[;6H2\x1bD\b3\x1bD\b4\x1bD\b5\x1b[;14H6\x1bD\b9\x1bD\b\b42\x1bD\b5',
    );
  });

  it('fills the bottom right cell without scrolling, and cuts what is too long', async () => {
    const reader = new CellReader(everything);
    const emulator = newEmulator(4, 2);
    await write(
      emulator,
      NO_WRAP + diff(null, reader.read('abcdefgh\nabc世x\nthird', 2), 4, reader.styles),
    );
    expect(screenOf(emulator)).toEqual(['abcd', 'abc']);
    await write(
      emulator,
      diff(reader.read('abcd\nabc', 2), reader.read('abcd\nabcz', 2), 4, reader.styles),
    );
    expect(screenOf(emulator)).toEqual(['abcd', 'abcz']);
  });
});

describe('cells', () => {
  const textOf = (line: string, terminal = everything) =>
    new CellReader(terminal).read(line, 1)[0]?.text.join('');

  it('let nothing through that could command the terminal', () => {
    const hostile =
      'a\x1b]52;c;aGk=\x07b\x1b[2Jc\x9b5nd\x07\r\x08\x1b]8;;http://x\x07link\x1b]8;;\x07';
    expect(textOf(hostile)).toBe('a ]52;c;aGk= b [2Jc 5nd   link');
  });

  it('are ASCII where the locale is not UTF-8, each as wide as before', () => {
    expect(textOf('╭─┬╮│●▲ 12 é ▂▅█ 世界 😀…', { colour: true, utf8: false })).toBe(
      '+-++|*! 12 e .=# ???? ??.',
    );
  });

  it('have no colour where NO_COLOR is set, but keep weight and inverse', () => {
    const reader = new CellReader({ colour: false, utf8: true });
    const rows = reader.read('\x1b[1;31mred\x1b[0m \x1b[7;44mbar\x1b[0m \x1b[38;5;9mx', 1);
    expect(diff(null, rows, 20, reader.styles)).toBe('\x1b[H\x1b[1mred \x1b[;7mbar\x1b[m x\x1b[K');
  });
});
