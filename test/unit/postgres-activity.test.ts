import { describe, expect, it } from 'vitest';
import { activityOf } from '../../src/services/postgres/activity.ts';
import type { Session } from '../../src/services/postgres/queries/activity.ts';

const session = (id: string, more: Partial<Session> = {}): Session => ({
  id,
  ours: true,
  self: false,
  waits: false,
  active: true,
  transactionMs: null,
  queryMs: 10,
  query: 'select 1',
  blockedBy: [],
  ...more,
});

const activity = (sessions: Session[], hidden = 0) =>
  activityOf({ sessions, used: sessions.length, hidden }, { gid: 'forgotten', ms: 90 });

describe('what the sessions of PostgreSQL do', () => {
  it('is slow from a second on, longest first, at most twenty, and never we', () => {
    const many = Array.from({ length: 30 }, (_, i) => session(String(i), { queryMs: 990 + i }));
    const { slow } = activity([...many, session('us', { self: true, queryMs: 9000 })]);
    expect(slow).toHaveLength(20);
    expect(slow[0]).toEqual({ id: '29', ms: 1019, text: 'select ?', blockedBy: [] });
    expect(slow.at(-1)?.ms).toBe(1000);
  });

  it('is a jam that begins where somebody blocks and waits for nobody', () => {
    const { blocked, blockers } = activity([
      session('1', { active: false, transactionMs: 5000, query: 'update t set a = 1' }),
      session('2', { waits: true, blockedBy: ['1'] }),
      session('3', { waits: true, blockedBy: ['2', '1'] }),
      session('4', { waits: true, blockedBy: ['0', '77'] }),
      session('5', { waits: true, blockedBy: ['6'] }),
      session('6', { ours: false, query: null, transactionMs: null, queryMs: null }),
    ]);
    expect(blocked).toBe(4);
    expect(blockers.map(({ id, text }) => [id, text])).toEqual([
      ['1', 'update t set a = ?'],
      ['0', 'prepare transaction forgotten'],
      ['77', 'idle, holds a lock'],
      ['6', 'hidden'],
    ]);
  });

  it('has a longest transaction, unless that may be a hidden one', () => {
    const open = [session('1', { transactionMs: 40 }), session('2', { transactionMs: 4000.4 })];
    expect(activity(open).longestTransactionMs).toBe(4000);
    expect(activity([session('1')]).longestTransactionMs).toBe(90);
    const nothing = (hidden: number) => activityOf({ sessions: [], used: 3, hidden }, null);
    expect(nothing(0).longestTransactionMs).toBe(0);
    expect(nothing(2).longestTransactionMs).toBeNull();
  });
});
