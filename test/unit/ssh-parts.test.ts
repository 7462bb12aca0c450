import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CancelledError, UsageError } from '../../src/errors.ts';
import { retryDelay } from '../../src/services/ssh/backoff.ts';
import { connectError } from '../../src/services/ssh/errors.ts';
import { commandLine } from '../../src/services/ssh/quote.ts';
import { Slots } from '../../src/services/ssh/slots.ts';

describe('a quoted command line', () => {
  it('comes out of a shell as it went in', () => {
    const nasty = fc.array(
      fc.oneof(
        fc.string(),
        fc.constantFrom(
          "'",
          '"',
          '\\',
          "\\'",
          '$HOME',
          '`id`',
          '\n',
          '!',
          '*',
          '~',
          '-n',
          '',
          ' ',
          'ü✓👩‍🚀',
        ),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(nasty, (parts) => {
        const args = parts.map((part) => part.replaceAll('\0', ''));
        const line = commandLine(['printf', '%s\\0', ...args]);
        const out = execFileSync('sh', ['-c', line], { encoding: 'utf8' });
        expect(out.split('\0').slice(0, -1)).toEqual(args.length > 0 ? args : ['']);
      }),
      { numRuns: 25 },
    );
  });

  it('is refused when no shell would take it', () => {
    expect(() => commandLine(['echo', 'x'.repeat(200_000)])).toThrow(UsageError);
  });
});

describe('slots', () => {
  const never = new AbortController().signal;

  it('let so many through at once, the others in order, and fewer after shrinking', async () => {
    const slots = new Slots(2);
    const order: number[] = [];
    let most = 0;
    const work = async (id: number) => {
      const release = await slots.acquire(never);
      most = Math.max(most, slots.busy);
      order.push(id);
      await new Promise((resolve) => setTimeout(resolve, 1));
      release();
      release();
    };
    await Promise.all([1, 2, 3, 4, 5].map(work));
    expect(order).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
    slots.shrinkTo(0);
    most = 0;
    await Promise.all([6, 7].map(work));
    expect(most).toBe(1);
    expect(slots.busy).toBe(0);
  });

  it('forget a waiter that gave up', async () => {
    const slots = new Slots(1);
    const release = await slots.acquire(never);
    const stop = new AbortController();
    const waiting = slots.acquire(stop.signal);
    const next = slots.acquire(never);
    stop.abort(new CancelledError());
    await expect(waiting).rejects.toBeInstanceOf(CancelledError);
    release();
    (await next)();
    expect(slots.busy).toBe(0);
  });
});

describe('a failed connection', () => {
  it('is left alone for longer each time, longest after a refused login, never for a host key', () => {
    expect([1, 2, 3, 9].map((failures) => retryDelay('ssh-timeout', failures))).toEqual([
      500, 1_000, 2_000, 15_000,
    ]);
    expect([1, 2, 9].map((failures) => retryDelay('ssh-auth-failed', failures))).toEqual([
      15_000, 30_000, 300_000,
    ]);
    expect(retryDelay('host-key-unknown', 3)).toBe(0);
  });

  it('is told apart by its cause', () => {
    const code = (from: object) =>
      connectError(Object.assign(new Error('x'), from), 'root@h:22').code;
    expect(code({ code: 'ENOTFOUND' })).toBe('ssh-unresolved');
    expect(code({ code: 'ECONNREFUSED' })).toBe('ssh-refused');
    expect(code({ code: 'EHOSTUNREACH' })).toBe('ssh-no-route');
    expect(code({ code: 'ETIMEDOUT' })).toBe('ssh-timeout');
    expect(code({ name: 'TimeoutError' })).toBe('ssh-timeout');
    expect(code({ code: 'ECONNRESET' })).toBe('ssh-hung-up');
    expect(code({ message: 'Connection lost before handshake' })).toBe('ssh-hung-up');
    expect(code({ message: 'Handshake failed: no matching C->S cipher' })).toBe('ssh-no-algorithm');
    expect(code({ message: 'anything else' })).toBe('ssh-failed');
  });
});
