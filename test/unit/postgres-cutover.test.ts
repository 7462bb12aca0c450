import { describe, expect, it } from 'vitest';
import { type Blocker, describeBlocker } from '../../src/services/postgres/cutover/blockers.ts';
import { blockedError, missingRights } from '../../src/services/postgres/cutover/freeze-errors.ts';
import { nextTryMs } from '../../src/services/postgres/cutover/lock-tables.ts';
import { differingSequences } from '../../src/services/postgres/cutover/sequences.ts';
import { sameTables, type UserTable } from '../../src/services/postgres/cutover/tables.ts';

const blocker: Blocker = {
  ...{ pid: '42', application: 'worker', ms: 12_345, query: 'update notes set text = ?' },
  ...{ table: 'notes', vacuum: false },
};
const table: UserTable = {
  ...{ oid: '1', schema: 'public', name: 'notes', mayLock: true, mayFence: true },
};

describe('Who is in the way of a freeze', () => {
  it('is described by what a person needs to find it', () => {
    expect(describeBlocker(blocker)).toBe(
      'pid 42 (worker) holds notes for 12.3 s: update notes set text = ?',
    );
    const hidden = { ...blocker, application: null, ms: null, query: null };
    expect(describeBlocker(hidden)).toBe('pid 42 holds notes');
    expect(describeBlocker({ ...hidden, pid: null })).toBe('a prepared transaction holds notes');
  });

  it('is named in the error, the longest first and not all of a crowd', () => {
    const crowd = Array.from({ length: 8 }, (_, at) => ({ ...blocker, pid: String(at) }));
    const { why, next } = blockedError('db:5432/app', crowd, null);
    expect(why).toMatch(/^pid 0 .*pid 4 .*; and 3 more\.$/);
    expect(next).toContain('pg_terminate_backend(0)');
    expect(blockedError('db:5432/app', [], null).next).toMatch(/^Try again/);
  });

  it('is waited for longer where it is an autovacuum, which gives way only then', () => {
    expect(nextTryMs([blocker], 1000)).toBe(300);
    expect(nextTryMs([blocker, { ...blocker, vacuum: true }], 1000)).toBe(1200);
    expect(nextTryMs([{ ...blocker, vacuum: true }], 10)).toBe(300);
  });
});

describe('The rights that a fence takes', () => {
  const rights = { role: 'app', database: 'shop', tables: [table], mayMakeSchema: true };

  it('are enough, or named as grants', () => {
    expect(missingRights('db', rights)).toBeNull();
    const closed = { ...table, schema: 'Other', mayFence: false };
    expect(
      missingRights('db', { ...rights, tables: [table, closed], mayMakeSchema: false })?.next,
    ).toBe(
      'As the owner, run: grant create on database "shop" to "app"; grant update, trigger on "Other"."notes" to "app";',
    );
  });
});

describe('Lists of tables', () => {
  it('are the same only in names and identity', () => {
    expect(sameTables([table], [{ ...table, mayLock: false }])).toBe(true);
    expect(sameTables([table], [{ ...table, oid: '2' }])).toBe(false);
    expect(sameTables([table], [])).toBe(false);
  });
});

describe('Sequences', () => {
  it('differ by value and by whether it was given out', () => {
    const at = (value: string, called = true) => [{ schema: 'app', name: 'ids', value, called }];
    expect(differingSequences(at('1'), at('1'))).toEqual([]);
    expect(differingSequences(at('1'), at('1', false))).toEqual([
      'sequence app.ids: 1 at the source, 1 not yet given out at the target',
    ]);
    expect(differingSequences([], at('1'))).toEqual([]);
  });
});
