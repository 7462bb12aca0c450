import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PortSyncError } from '../../src/errors.ts';
import { parseSwapUsage } from '../../src/services/nodes/local.ts';
import { cpuShares, figures } from '../../src/services/nodes/look.ts';
import { parseAnswer } from '../../src/services/nodes/remote.ts';

// What the script printed on a real machine: with GNU programs, and with busybox's a little before.
const read = (name: string) =>
  readFileSync(new URL(`./node-answers/${name}.txt`, import.meta.url), 'utf8');
const debian = read('debian');
const busybox = read('busybox');
const KIB = 1024;

describe('a look at a node', () => {
  it('understands what GNU programs and busybox print', () => {
    for (const answer of [debian, busybox]) {
      const look = parseAnswer(answer, 'n1');
      expect(look.cores).toBe(2);
      expect(look.memory.totalBytes).toBe(24_684_084 * KIB);
      expect(look.memory.usedBytes).toBe(
        (24_684_084 - Number(/MemAvailable: +(\d+)/.exec(answer)?.[1])) * KIB,
      );
      expect(look.swap).toEqual({ usedBytes: 0, totalBytes: 0 });
      expect(look.disk.mount).toBe('/');
      expect(look.pressure?.cpu).toBeGreaterThan(0);
      expect(look.uptimeSeconds).toBeGreaterThan(4_000);
    }
  });

  it('gives rates between two looks only, and none across a restart', () => {
    const [early, late] = [parseAnswer(busybox, 'n1'), parseAnswer(debian, 'n1')];
    expect(figures('n1', 'a', early, null)).toMatchObject({ cpuPercent: null, stealPercent: null });
    const { cpuPercent } = figures('n1', 'a', late, early);
    expect(cpuPercent).toBeGreaterThan(0);
    expect(cpuPercent).toBeLessThanOrEqual(100);
    expect(figures('n1', 'a', early, late)).toMatchObject({ cpuPercent: null });
  });

  it('counts stolen time as busy, and says how much was stolen', () => {
    const before = { total: 1_000, idle: 800, steal: 10 };
    const now = { total: 2_000, idle: 1_200, steal: 310 };
    expect(cpuShares(before, now)).toEqual({ busy: 60, steal: 30 });
    expect(cpuShares(before, before)).toBeNull();
  });

  it('has no pressure on a kernel without PSI, or one that refuses to read it', () => {
    expect(
      parseAnswer(debian.replace(/==> pressure\/io <==\n.*\n.*\n/, ''), 'n1').pressure,
    ).toBeNull();
    expect(parseAnswer(debian.replace(/^(some|full).*\n/gm, ''), 'n1').pressure).toBeNull();
  });

  it('estimates the free memory where the kernel does not', () => {
    const old = debian.replace(/^MemAvailable.*\n/m, '');
    const kib = (key: string) => Number(new RegExp(`^${key}: +(\\d+)`, 'm').exec(old)?.[1]);
    const free =
      kib('MemFree') + kib('Buffers') + kib('Cached') + kib('SReclaimable') - kib('Shmem');
    expect(parseAnswer(old, 'n1').memory.usedBytes).toBe((kib('MemTotal') - free) * KIB);
  });

  it('ignores what the login shell says first', () => {
    const greeting = 'Welcome ==> to the machine\ncpu 1 2 3\n';
    expect(parseAnswer(greeting + debian, 'n1')).toEqual(parseAnswer(debian, 'n1'));
  });

  it('counts the disk as df does: without what is reserved for root', () => {
    const withSpaces = debian.replace(
      /==> df <==[\s\S]*/,
      '==> df <==\nFilesystem 1024-blocks Used Available Capacity Mounted on\nhost share 100 60 30 67% /mnt/my disk\n',
    );
    expect(parseAnswer(withSpaces, 'n1').disk).toEqual({
      usedBytes: 60 * KIB,
      totalBytes: 90 * KIB,
      mount: '/mnt/my disk',
    });
  });

  it('reads the swap of macOS', () => {
    const text = 'vm.swapusage: total = 2048.00M  used = 1024.25M  free = 1023.75M  (encrypted)\n';
    expect(parseSwapUsage(text)).toEqual({
      usedBytes: 1024.25 * KIB * KIB,
      totalBytes: 2048 * KIB * KIB,
    });
  });

  it('names the machine and what is missing when there is no Linux', () => {
    expect(() => parseAnswer('sh: head: not found\n', 'root@n1:22')).toThrow(
      expect.objectContaining({ code: 'node-unreadable', message: expect.stringContaining('n1') }),
    );
  });

  it('survives any damage to the answer with a number or a PortSyncError', () => {
    const damage = fc.record({
      at: fc.nat(debian.length),
      cut: fc.nat(400),
      put: fc.oneof(fc.string(), fc.constantFrom('-1', '9'.repeat(400), ' kB\n', '==> df <==\n')),
    });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
        const text = damages.reduce(
          (now, { at, cut, put }) => now.slice(0, at) + put + now.slice(at + cut),
          debian,
        );
        try {
          const seen = figures('n1', 'a', parseAnswer(text, 'n1'), parseAnswer(debian, 'n1'));
          expect(JSON.stringify(seen)).not.toMatch(/Infinity|NaN/);
          for (const { usedBytes, totalBytes } of [seen.memory, seen.swap, seen.disk]) {
            expect(Number.isFinite(usedBytes) && usedBytes >= 0 && usedBytes <= totalBytes).toBe(
              true,
            );
          }
          expect(
            [...seen.load, seen.uptimeSeconds, seen.cpuPercent ?? 0].every(Number.isFinite),
          ).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(PortSyncError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        try {
          parseAnswer(text, 'n1');
          return false;
        } catch (error) {
          return error instanceof PortSyncError;
        }
      }),
    );
  });
});
