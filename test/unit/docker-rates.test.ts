import { describe, expect, it } from 'vitest';
import { rates, type Sample } from '../../src/services/docker/rates.ts';
import { turn } from '../../src/services/docker/samplers.ts';

const sample = (change: Partial<Sample> = {}): Sample => ({
  run: '42 noon',
  atMs: 10_000,
  cpuNs: 5e9,
  memoryBytes: 1,
  receivedBytes: 1000,
  sentBytes: 0,
  ...change,
});

const unknown = { cpuPercent: null, receivedBytesPerSecond: null, sentBytesPerSecond: null };

describe('rates', () => {
  it('are differences over the time between two samples; a busy core is 100', () => {
    const later = sample({ atMs: 12_000, cpuNs: 8e9, receivedBytes: 5000, sentBytes: 10 });
    expect(rates(sample(), later)).toEqual({
      cpuPercent: 150,
      receivedBytesPerSecond: 2000,
      sentBytesPerSecond: 5,
    });
  });

  it('are unknown at the first sample, after a restart, and when no time went by', () => {
    expect(rates(null, sample())).toEqual(unknown);
    expect(rates(sample(), sample({ run: '43 later', atMs: 12_000, cpuNs: 6e9 }))).toEqual(unknown);
    expect(rates(sample(), sample())).toEqual(unknown);
  });

  it('leave out a counter that went back, and only that one', () => {
    const later = sample({ atMs: 11_000, receivedBytes: 3, sentBytes: 7 });
    expect(rates(sample(), later)).toMatchObject({
      cpuPercent: 0,
      receivedBytesPerSecond: null,
      sentBytesPerSecond: 7,
    });
  });

  it('leave out what is not counted', () => {
    const later = sample({ atMs: 11_000, receivedBytes: null });
    expect(rates(sample(), later).receivedBytesPerSecond).toBeNull();
  });
});

describe('turn', () => {
  it('gives every one its turn, a few at a time', () => {
    const all = ['a', 'b', 'c', 'd', 'e'];
    const seen: string[] = [];
    let from = 0;
    for (let looks = 0; looks < 5; looks += 1) {
      const { batch, next } = turn(all, from, 2);
      seen.push(...batch);
      from = next;
    }
    expect(seen.join('')).toBe('abcdeabcde');
  });

  it('gives all where they fit, and survives that most of them are gone', () => {
    expect(turn(['a', 'b'], 7, 2).batch).toEqual(['a', 'b']);
    expect(turn(['a', 'b', 'c'], 250, 2).batch).toHaveLength(2);
  });
});
