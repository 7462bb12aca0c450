import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isLocalAddress } from '../../src/services/database/here.ts';
import { restAfter, SHARE, typicalCost } from '../../src/services/database/pace.ts';
import { ratesBetween } from '../../src/services/database/rates.ts';

describe('the pace of looks', () => {
  it('is the usual one while looks are cheap', () => {
    expect(restAfter(3, SHARE.look, 2000)).toBe(2000);
  });

  it('slows down so that a dear look stays within its share of the server’s time', () => {
    for (const busyMs of [20, 100, 1500]) {
      const rest = restAfter(busyMs, SHARE.look, 2000);
      expect(busyMs / rest).toBeLessThanOrEqual(SHARE.look * 1.001);
    }
    expect(SHARE.look + SHARE.size).toBeLessThanOrEqual(0.01);
  });

  it('follows what looks cost, and is not slowed by those that had to wait', () => {
    expect(typicalCost([])).toBe(0);
    expect(typicalCost([40])).toBe(40);
    expect(typicalCost([40, 300, 3, 250, 80])).toBe(3);
    expect(typicalCost([3, 40, 45, 50, 41, 60])).toBe(40);
  });
});

describe('rates between two looks', () => {
  const before = { atMs: 1000, transactions: 100, cacheHits: 1000, cacheMisses: 0 };

  it('count what others did by the server’s own clock', () => {
    const now = { atMs: 3000, transactions: 301, cacheHits: 1090, cacheMisses: 10 };
    expect(ratesBetween(before, now, 1)).toEqual({
      transactionsPerSecond: 100,
      cacheHitPercent: 90,
    });
  });

  it('are unknown at the first look, after a restart, and where nothing was read', () => {
    const unknown = { transactionsPerSecond: null, cacheHitPercent: null };
    expect(ratesBetween(null, before, 1)).toEqual(unknown);
    expect(ratesBetween(before, { ...before, atMs: 2000, transactions: 5 }, 1)).toEqual(unknown);
    expect(ratesBetween(before, before, 1)).toEqual(unknown);
    const idle = { ...before, atMs: 2000 };
    expect(ratesBetween(before, idle, 1)).toEqual({ ...unknown, transactionsPerSecond: 0 });
  });
});

describe('a database is here', () => {
  const info = (address: string, cidr: string): NetworkInterfaceInfo[] => [
    { address, cidr, family: 'IPv4', netmask: '', mac: '', internal: false },
  ];
  const ours = {
    eth0: info('10.0.0.5', '10.0.0.5/24'),
    docker0: info('172.17.0.1', '172.17.0.1/16'),
  };

  it.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['10.0.0.5', true],
    ['172.17.0.9', true],
    ['10.0.0.6', false],
    ['fe80::1%eth0', false],
  ])('at %s: %s', (address, here) => {
    expect(isLocalAddress(address, ours)).toBe(here);
  });
});
