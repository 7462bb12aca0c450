process.env.TZ = 'UTC';

import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import * as format from '../../src/components/format.ts';
import { largeDigits } from '../../src/components/large-digits.ts';
import { lowBar, progressBar } from '../../src/components/progress.ts';
import { apart, fitted, paint, spansWidth, textOf } from '../../src/components/spans.ts';
import { gauge, graph, sparkline } from '../../src/components/sparkline.ts';
import { chopped, cut, pad, wrapped } from '../../src/components/text.ts';

const M = 1024 ** 2;

describe('figures in columns', () => {
  it('are as wide as their column at most, whatever the value', () => {
    const anyBytes = fc.double({ min: 0, max: 1e15, noNaN: true });
    fc.assert(
      fc.property(anyBytes, (value) => {
        expect(format.bytes(value).length).toBeLessThanOrEqual(4);
        expect(format.memory(value, value * 2).length).toBeLessThanOrEqual(9);
        expect(format.age(value).length).toBeLessThanOrEqual(value < 86_400_000 * 36_500 ? 3 : 9);
        expect(format.perSecond(value % 1e9).length).toBeLessThanOrEqual(5);
      }),
    );
  });

  it('read as people write them', () => {
    expect([0, 300 * 1024, 1.2 * M, 148 * M, 1023 * M].map(format.bytes)).toEqual([
      '0B',
      '300K',
      '1.2M',
      '148M',
      '1.0G',
    ]);
    expect(format.memory(148 * M, 512 * M)).toBe('148/512M');
    expect(format.memory(512 * M, 1024 * M)).toBe('512M/1.0G');
    expect(format.memory(41 * M, null)).toBe('41M');
    expect([0.2, 9, 12.4, 100, 340].map(format.percent)).toEqual([
      '0%',
      '9%',
      '12%',
      '100%',
      '340%',
    ]);
    expect([412, 3120, 41_200, 1_300_000].map(format.count)).toEqual([
      '412',
      '3,120',
      '41.2k',
      '1.3M',
    ]);
    expect([0, 0.4, 38, 1240, 90_000, 7_200_000].map(format.latency)).toEqual([
      '0 ms',
      '0.4 ms',
      '38 ms',
      '1.2 s',
      '90 s',
      '2 h',
    ]);
  });

  it('say that they are unknown', () => {
    const { bytes, percent, count, latency, age } = format;
    for (const of of [bytes, percent, count, latency, age]) expect(of(null)).toBe('–');
  });
});

describe('times', () => {
  const [second, day] = [1000, 86_400_000];

  it('are ages in columns and durations in sentences', () => {
    expect([12, 240, 7300].map((s) => format.age(s * second))).toEqual(['12s', '4m', '2h']);
    expect([9, 99, 150, 800].map((d) => format.age(d * day))).toEqual(['9d', '99d', '21w', '2y']);
    expect(format.duration(14 * second)).toBe('14 s');
    expect(format.duration(90 * second)).toBe('90 s');
    expect(format.duration(day)).toBe('1 day');
    expect(format.duration(-5)).toBe('0 s');
  });

  it('leave today out', () => {
    const now = Date.parse('2025-11-23T12:00:00Z');
    expect(format.dayTime('2025-11-23T06:00:00Z', now)).toBe('06:00');
    expect(format.dayTime('2025-11-22T06:00:00Z', now)).toBe('11-22 06:00');
    expect(format.stamp('not a time')).toBe('–');
  });
});

describe('a sparkline', () => {
  it('has eight levels from zero, and gaps where nothing was known', () => {
    expect(sparkline([0, 12.5, 50, 100, null, 100], 8, 100)).toBe('  ▁▁▄█ █');
    expect(sparkline([3, 3, 3], 3)).toBe('▇▇▇');
    expect(sparkline([1, 2], 0)).toBe('');
  });

  it('grows to several rows, with the limit where the values stay below it', () => {
    const rows = graph([25, 50, 100, null], { width: 4, height: 4, top: 100, limit: 90 });
    expect(rows).toEqual(['┄┄█┄', '  █ ', ' ██ ', '███ ']);
  });

  it('fills a gauge', () => {
    expect(gauge(50, 8)).toBe('████░░░░');
    expect(gauge(150, 4)).toBe('████');
    expect(gauge(null, 4)).toBe('    ');
  });
});

describe('text', () => {
  const texts = fc.string({ unit: 'grapheme', maxLength: 40 });

  it('takes exactly the columns it was given', () => {
    expect(pad('日本語のログ', 7)).toBe('日本語…');
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 30 }), (text, width) => {
        expect(stringWidth(cut(text, width))).toBeLessThanOrEqual(width);
        expect(stringWidth(pad(text, width))).toBe(width);
      }),
    );
  });

  it('is wrapped between words, and chopped where nothing may be lost', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapped('one two three four', 7, 2)).toEqual(['one two', 'three …']);
    expect(chopped('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
    expect(chopped('日本語', 4)).toEqual(['日本', '語']);
  });

  it('is set apart in the width there is', () => {
    const spans = apart(['left side'], [['right', 'dim']], 12);
    expect(spans.map(textOf).join('')).toBe('left … right');
    expect(spansWidth(fitted([['abc', 'bad'], 'def'], 4))).toBe(4);
    expect(paint([['ok', 'good'], ' ', ['', 'bad']])).toBe('\u001B[32mok\u001B[39m ');
  });
});

describe('a progress bar', () => {
  const text = (spans: ReturnType<typeof progressBar>) => spans.map(textOf).join('');

  it('moves on by eighths of a column, and is as wide as it was told', () => {
    expect(text(progressBar(50, 8))).toBe('████░░░░');
    expect(text(progressBar(51.6, 8))).toBe('████▏░░░');
    expect(text(progressBar(100, 4))).toBe('████');
    expect(text(progressBar(-3, 4))).toBe('░░░░');
    expect(text(lowBar(50, 4))).toBe('▆▆▁▁');
    fc.assert(
      fc.property(fc.double({ min: -10, max: 200, noNaN: true }), fc.nat(120), (share, width) => {
        expect(spansWidth(progressBar(share, width))).toBe(width);
        expect(spansWidth(lowBar(share, width))).toBe(width);
      }),
    );
  });

  it('is full only at the end', () => {
    expect(text(progressBar(99.9, 20))).not.toBe('█'.repeat(20));
  });
});

describe('large digits', () => {
  it('are five rows of one width, so that a running clock stands still', () => {
    const widths = [0, 410, 1999, 4080, 9999].map((ms) =>
      largeDigits(format.hundredths(ms)).map((line) => stringWidth(line)),
    );
    expect(new Set(widths.flat()).size).toBe(1);
    expect(widths[0]).toHaveLength(5);
  });
});

describe('what runs', () => {
  it('is told in minutes, and in hours where it is long', () => {
    expect([0, 3_400, 72_000, 7_421_000].map(format.elapsed)).toEqual([
      '0:00',
      '0:03',
      '1:12',
      '2:03:41',
    ]);
    expect(format.hundredths(80)).toBe('0.08');
    expect(format.whole(4_120_331)).toBe('4,120,331');
  });
});
