import { describe, expect, it } from 'vitest';
import type { TouchedTable } from '../../src/services/postgres/follow/touched.ts';
import type { ProofTable } from '../../src/services/postgres/proof/catalog.ts';
import { rowText, toSum } from '../../src/services/postgres/proof/checksum.ts';
import { type Compared, planComparison } from '../../src/services/postgres/proof/compare.ts';
import { changedObject } from '../../src/services/postgres/proof/quick.ts';
import { type Change, planChanges } from '../../src/services/postgres/proof/quick-plan.ts';

const table = (name: string, bytes = 100, root = name): ProofTable => ({
  ...{ schema: 'public', name, bytes, root: { schema: 'public', name: root } },
  columns: [
    { name: 'id', type: 'integer', form: 'text' },
    { name: 'flag', type: '"char"', form: 'number' },
    { name: 'acl', type: 'aclitem', form: 'none' },
  ],
});
const sum = (rows: number, checksum = 'same') => ({ rows, checksum });
const compared = (of: ProofTable, source = sum(10), target = source): Compared => ({
  task: { schema: of.schema, name: of.name, bytes: of.bytes, sql: '', table: of },
  ...{ source, target },
});
const touched = (name: string, rest: Partial<TouchedTable> = {}): TouchedTable => ({
  ...{ name: { schema: 'public', name }, keyColumns: ['id'], keys: [['1']], rows: 0 },
  ...{ truncated: false, ...rest },
});

describe('A checksum', () => {
  it('is the sum and the exclusive or, each as 64 bits', () => {
    const row = { rows: 3, sum: '-1', xor: '255' };
    expect(toSum(row)).toEqual({ rows: 3, checksum: 'ffffffffffffffff00000000000000ff' });
    expect(toSum({ ...row, sum: (2n ** 64n + 5n).toString() }).checksum).toMatch(/^0{15}5/);
  });

  it('covers every column that reads the same at every server', () => {
    expect(rowText(table('t').columns)).toBe('row(t."id", t."flag"::int4)::text');
  });
});

describe('A whole comparison', () => {
  it('begins with the largest table and names what is missing', () => {
    const source = [table('small', 1), table('large', 9), table('lost'), table('cut')];
    const cut = { ...table('cut'), columns: table('cut').columns.slice(1) };
    const { tasks, differences } = planComparison(
      source,
      [table('small'), table('large'), cut, table('other')],
      'fast',
    );
    expect(tasks.map(({ name }) => name)).toEqual(['large', 'small', 'large objects']);
    expect(differences).toEqual([
      'table lost: missing at the target',
      'table cut: column id is missing at the target',
    ]);
  });
});

describe('A quick comparison', () => {
  const ways = (changes: Change[]) => changes.map(({ whole, way }) => `${whole.name}: ${way}`);
  const plan = (change: TouchedTable, bytes: number) =>
    ways(planChanges([compared(table('t'))], [change], new Map([['"public"."t"', bytes]])).changes);

  it('goes by keys, whatever the size; without, it reads what is small and counts what is not', () => {
    expect(plan(touched('t'), 1e12)).toEqual(['t: keys']);
    expect(plan(touched('t', { keys: null }), 1e6)).toEqual(['t: whole']);
    expect(plan(touched('t', { keys: null }), 50e6)).toEqual(['t: count']);
    expect(plan(touched('t', { keyColumns: [] }), 1e12)).toEqual(['t: account']);
    expect(plan(touched('t', { truncated: true }), 1e6)).toEqual(['t: whole']);
    expect(plan(touched('t', { truncated: true }), 1e12)).toEqual(['t: count']);
    expect(plan(touched('t', { keyColumns: ['gone'] }), 1)).toEqual(['t: whole']);
  });

  it('reads the smallest whole until there is no time for more', () => {
    const names = ['a', 'b', 'c'];
    const bytes = new Map(names.map((name, at) => [`"public"."${name}"`, 6e6 - at * 2e6]));
    const { changes } = planChanges(
      names.map((name) => compared(table(name))),
      names.map((name) => touched(name, { keys: null })),
      bytes,
    );
    expect(ways(changes)).toEqual(['c: whole', 'b: whole', 'a: count']);
  });

  it('takes a table with its partitions, and names what was never compared', () => {
    const parts = [compared(table('p1', 1, 'p')), compared(table('p2', 1, 'p'))];
    const { changes, unknown } = planChanges(parts, [touched('p'), touched('late')], new Map());
    expect(changes).toMatchObject([
      { whole: { name: 'p', partitioned: true, parts }, way: 'keys' },
    ]);
    expect(unknown).toEqual([{ schema: 'public', name: 'late' }]);
  });

  it('keeps account of the rows, and takes missing ones for a difference', () => {
    const { changes } = planChanges([compared(table('t'))], [touched('t', { rows: 2 })], new Map());
    const change = changes[0] as Change;
    const same = { source: sum(3), target: sum(3) };
    expect(changedObject(change, same)).toMatchObject({
      equal: true,
      rows: { source: 12, target: 12 },
    });
    expect(changedObject(change, { ...same, target: sum(1, 'other') })).toMatchObject({
      equal: false,
      rows: { source: 12, target: 10 },
    });
    expect(changedObject({ ...change, way: 'account' }, undefined)).toMatchObject({
      ...{ equal: true, checksum: null, rows: { source: 12, target: 12 } },
    });
  });

  it('never calls equal what a whole comparison found to differ', () => {
    const before = compared(table('t'), sum(10), sum(10, 'other'));
    const { changes } = planChanges([before], [touched('t')], new Map());
    const same = { source: sum(1), target: sum(1) };
    expect(changedObject(changes[0] as Change, same).equal).toBe(false);
  });
});
