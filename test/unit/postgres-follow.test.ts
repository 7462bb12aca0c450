import { describe, expect, it } from 'vitest';
import { ranksOf } from '../../src/services/postgres/follow/catalog.ts';
import { planFor, type Step } from '../../src/services/postgres/follow/coalesce.ts';
import { FrameSplitter } from '../../src/services/postgres/follow/frames.ts';
import { BATCH_BYTES, Inbox } from '../../src/services/postgres/follow/inbox.ts';
import { lsnText, parseLsn } from '../../src/services/postgres/follow/lsn.ts';
import {
  type Change,
  PgoutputDecoder,
  type Relation,
} from '../../src/services/postgres/follow/pgoutput.ts';
import { Pulse } from '../../src/services/postgres/follow/pulse.ts';
import { statementFor } from '../../src/services/postgres/follow/statements.ts';
import { differences } from '../../src/services/postgres/follow/structure.ts';
import { type Table, tableFor } from '../../src/services/postgres/follow/table.ts';
import { Columns } from '../../src/services/postgres/follow/text-array.ts';
import { Touched } from '../../src/services/postgres/follow/touched.ts';
import {
  keyOf,
  keyValues,
  merged,
  NULL,
  readTuple,
  spansOf,
  type Tuple,
  UNCHANGED,
} from '../../src/services/postgres/follow/tuple.ts';

/** `undefined`: unchanged, stored out of line. Other bytes lie around it. */
function tuple(...values: Array<string | null | undefined>): Tuple {
  const columns = values.flatMap((value) => {
    if (typeof value !== 'string') return [Buffer.from(value === null ? 'n' : 'u')];
    const head = Buffer.from('t\0\0\0\0');
    head.writeInt32BE(Buffer.byteLength(value), 1);
    return [head, Buffer.from(value)];
  });
  const count = Buffer.from([0, values.length]);
  const bytes = Buffer.concat([Buffer.from('x'), count, ...columns, Buffer.from('x')]);
  const { tuple, end } = readTuple(bytes, 1);
  expect(end).toBe(bytes.length - 1);
  return tuple;
}

function values(row: Tuple): Array<string | null | undefined> {
  const count = row.bytes.readUInt16BE(row.at);
  const spans = spansOf([row], count);
  return Array.from({ length: count }, (_, i) => {
    const [from = 0, length = 0] = spans.slice(2 * i, 2 * i + 2);
    if (length === UNCHANGED) return undefined;
    return length === NULL ? null : row.bytes.toString('utf8', from, from + length);
  });
}

function relation(name: string, identity: Relation['identity'] = 'd'): Relation {
  const column = (column: string, key: boolean) => ({ name: column, key, type: 25, modifier: -1 });
  const columns = [column('id', identity !== 'n'), column('a', false), column('b', false)];
  return { id: 1, schema: 'public', name, identity, columns };
}

const KEY = { primary: true, solid: true, names: ['id'], equals: ['operator(pg_catalog.=)'] };

function table(of: Relation, rank = 0, keys = [KEY]): Table {
  const column = (name: string) => ({
    name,
    type: 'text',
    generated: false,
    identity: '' as const,
  });
  const columns = ['id', 'a', 'b'].map(column);
  const made = tableFor(of, { root: of, columns, keys }, rank);
  if ('missing' in made) throw new Error('columns are missing');
  return made;
}

const NOTES = relation('notes');
const NOTES_TABLE = table(NOTES);
const insert = (...row: string[]): Change => ({
  kind: 'insert',
  relation: NOTES,
  row: tuple(...row),
});
const update = (...row: Array<string | undefined>): Change => ({
  kind: 'update',
  relation: NOTES,
  old: null,
  row: tuple(...row),
});
const move = (key: string, ...row: string[]): Change => ({
  kind: 'update',
  relation: NOTES,
  old: tuple(key, null, null),
  row: tuple(...row),
});
const remove = (key: string): Change => ({
  kind: 'delete',
  relation: NOTES,
  old: tuple(key, null, null),
});

function said(step: Step): string {
  if (step.kind === 'truncate') return `truncate ${step.tables.map((one) => one.shown).join(' ')}`;
  if (step.kind === 'empty') return `empty ${step.table.shown}`;
  const rows = step.rows.map((row) =>
    values(row)
      .map((value) => value ?? (value === null ? '∅' : '='))
      .join(' '),
  );
  return `${step.kind} ${step.table.shown}: ${rows.join(' | ')}`;
}

function plan(...changes: Change[]): string[] {
  return planFor(changes, () => NOTES_TABLE, { singly: false }).steps.map(said);
}

describe('many changes as few statements', () => {
  it('writes each row once, as it is in the end', () => {
    expect(plan(insert('1', 'a', 'b'), update('1', 'c', 'b'), insert('2', 'x', 'y'))).toEqual([
      'insert notes: 1 c b | 2 x y',
    ]);
    expect(plan(update('1', 'a', 'b'), update('2', 'a', 'b'), update('1', 'c', 'd'))).toEqual([
      'update notes: 1 c d | 2 a b',
    ]);
  });

  it('does nothing for a row that came and went', () => {
    expect(plan(insert('1', 'a', 'b'), update('1', 'c', 'd'), remove('1'))).toEqual([]);
  });

  it('deletes before it inserts, so that unique values are free', () => {
    expect(plan(insert('2', 'u', ''), update('3', 'v', ''), remove('1'))).toEqual([
      'delete notes: 1 ∅ ∅',
      'update notes: 3 v ',
      'insert notes: 2 u ',
    ]);
  });

  it('replaces a row that was deleted and is there again', () => {
    expect(
      plan(update('1', 'a', 'b'), remove('1'), insert('1', 'c', 'd'), update('1', 'e', undefined)),
    ).toEqual(['delete notes: 1 ∅ ∅', 'insert notes: 1 e d']);
    expect(plan(remove('1'), insert('1', 'c', 'd'), remove('1'))).toEqual(['delete notes: 1 ∅ ∅']);
  });

  it('leaves values alone that are stored out of line and did not change', () => {
    expect(
      plan(update('1', 'a', undefined), update('2', 'a', 'b'), update('3', 'c', undefined)),
    ).toEqual(['update notes: 1 a = | 3 c =', 'update notes: 2 a b']);
    expect(plan(update('1', 'a', 'long'), update('1', 'c', undefined))).toEqual([
      'update notes: 1 c long',
    ]);
  });

  it('moves a key alone and in its turn', () => {
    expect(plan(insert('1', 'a', ''), move('1', '2', 'a', ''), insert('1', 'b', ''))).toEqual([
      'insert notes: 1 a ',
      'update notes: 2 a ',
      'insert notes: 1 b ',
    ]);
  });

  it('lets nothing pass a truncation', () => {
    const truncate: Change = {
      kind: 'truncate',
      relations: [NOTES],
      restartIdentity: false,
      whole: true,
    };
    expect(plan(insert('1', '', ''), truncate, insert('2', '', ''))).toEqual([
      'insert notes: 1  ',
      'truncate notes',
      'insert notes: 2  ',
    ]);
    expect(plan({ ...truncate, whole: false } as Change)).toEqual(['empty notes']);
  });

  it('keeps the order of rows that have no key', () => {
    const log = relation('log', 'f');
    const keyless = table(log, 0, []);
    const row = tuple('1', 'a', null);
    const changes: Change[] = [
      { kind: 'insert', relation: log, row },
      { kind: 'insert', relation: log, row },
      { kind: 'delete', relation: log, old: row },
      { kind: 'insert', relation: log, row },
    ];
    expect(planFor(changes, () => keyless, { singly: false }).steps.map(said)).toEqual([
      'insert log: 1 a ∅ | 1 a ∅',
      'delete log: 1 a ∅',
      'insert log: 1 a ∅',
    ]);
  });

  it('puts parents before what refers to them, and takes them away after it', () => {
    const ranks = ranksOf([
      { child: 'c', parent: 'p' },
      { child: 'p', parent: 'g' },
      { child: 'g', parent: 'c' },
    ]);
    expect((ranks.get('c') ?? 0) - (ranks.get('p') ?? 0)).toBe(1);
    const [parent, child] = [relation('parent'), relation('child')];
    const tables = new Map([
      [parent, table(parent, 0)],
      [child, table(child, 1)],
    ]);
    const changes: Change[] = [
      { kind: 'insert', relation: child, row: tuple('1', '', '') },
      { kind: 'insert', relation: parent, row: tuple('1', '', '') },
      { kind: 'delete', relation: parent, old: tuple('2', null, null) },
      { kind: 'delete', relation: child, old: tuple('2', null, null) },
    ];
    const { steps } = planFor(changes, (one) => tables.get(one) as Table, { singly: false });
    expect(steps.map((step) => said(step).split(':')[0])).toEqual([
      'delete child',
      'delete parent',
      'insert parent',
      'insert child',
    ]);
  });

  it('is one statement for each change where the order matters', () => {
    const { steps } = planFor([update('1', 'x', ''), update('2', 'y', '')], () => NOTES_TABLE, {
      singly: true,
    });
    expect(steps.map(said)).toEqual(['update notes: 1 x ', 'update notes: 2 y ']);
  });
});

describe('statements', () => {
  it('never write a computed column, nor update an identity that only an insert may give', () => {
    const catalog = [
      { name: 'id', type: 'bigint', generated: false, identity: 'a' as const },
      { name: 'a', type: 'integer', generated: true, identity: '' as const },
      { name: 'b', type: 'text[]', generated: false, identity: '' as const },
    ];
    const made = tableFor(NOTES, { root: NOTES, columns: catalog, keys: [KEY] }, 0) as Table;
    const row = tuple('1', '2', '{x}');
    expect(statementFor({ kind: 'insert', table: made, rows: [row] })?.text).toBe(
      'insert into "public"."notes" ("id", "b") overriding system value select v.c0::bigint, v.c1::text[] from unnest($1::text[], $2::text[]) as v(c0, c1)',
    );
    const step = {
      kind: 'update' as const,
      table: made,
      rows: [row],
      keys: [row],
      kept: [],
      rekeys: false,
    };
    expect(statementFor(step)?.text).toBe(
      'update only "public"."notes" as t set "b" = v.c1::text[] from unnest($1::text[], $2::text[]) as v(c0, c1) where t."id" operator(pg_catalog.=) v.c0::bigint',
    );
    expect(statementFor({ ...step, kept: [2] })).toBeNull();
  });

  it('say which columns the other side lacks', () => {
    expect(tableFor(NOTES, { root: NOTES, columns: [], keys: [] }, 0)).toEqual({
      missing: ['id', 'a', 'b'],
    });
  });
});

describe('rows as bytes', () => {
  it('give keys that no other values give', () => {
    const named = (row: Tuple, ...columns: number[]) => keyOf(row, columns, false);
    const key = named(tuple('ü:1', 'x', 'y'), 1, 0) ?? '';
    expect(keyValues(key, 2)).toEqual(['x', 'ü:1']);
    expect(named(tuple('1:a', 'b', ''), 0, 1)).not.toBe(named(tuple('1', 'a1:b', ''), 0, 1));
    expect(keyValues(named(tuple('ж', '', ''), 0) ?? '', 1)).toEqual(['ж']);
    expect(named(tuple(null, '', ''), 0)).toBeNull();
  });

  it('give whole numbers as keys, as long as these are exact', () => {
    const numbers = ['0', '-7', '2147483647', '999999999999999', '9223372036854775807'];
    const keys = numbers.map((text) => keyOf(tuple('x', text), [1], true) ?? '');
    expect(keys).toEqual([0, -7, 2147483647, 999999999999999, '9223372036854775807']);
    expect(keys.flatMap((key) => keyValues(key, 1))).toEqual(numbers);
    expect(keyOf(tuple('x', null), [1], true)).toBeNull();
  });

  it('become one array for each column of a statement', () => {
    const rows = [tuple('1', null, 'ü'), tuple('22', 'b', 'x'.repeat(300))];
    const columns = new Columns(rows, 3);
    const array = columns.textArray(1);
    expect([...array.subarray(0, 20)].filter((_, i) => i % 4 === 3)).toEqual([1, 1, 25, 2, 1]);
    expect([...array.subarray(20)]).toEqual([255, 255, 255, 255, 0, 0, 0, 1, 98]);
    expect(columns.textArray(2).subarray(-300).toString()).toBe('x'.repeat(300));
    expect(() => new Columns([tuple('1', undefined)], 2).textArray(1)).toThrow('not known');
  });

  it('take what was left unchanged from the version before', () => {
    expect(values(merged(tuple('1', 'long', null), tuple('1', undefined, 'ü')))).toEqual([
      '1',
      'long',
      'ü',
    ]);
    expect(merged(tuple('1', undefined, null), tuple('1', undefined, 'x')).partial).toBe(true);
  });
});

describe('what comes in', () => {
  const take = (inbox: Inbox, commit: bigint, changes: Change[], bytes = 10) => {
    inbox.take({ kind: 'begin', commitLsn: commit }, 10);
    for (const change of changes) inbox.take(change, bytes);
    inbox.take({ kind: 'commit', endLsn: commit + 5n }, 10);
  };

  it('goes on in whole transactions, with the place to go on at', () => {
    const inbox = new Inbox(0n, () => 0n);
    take(inbox, 10n, [insert('1', '', '')]);
    take(inbox, 20n, [insert('2', '', '')]);
    inbox.take({ kind: 'begin', commitLsn: 30n }, 10);
    inbox.take(insert('3', '', ''), 10);
    expect(inbox.cut(0)).toMatchObject({
      opens: true,
      closes: true,
      commitLsn: 20n,
      endLsn: 25n,
      bytes: 20,
    });
    expect(inbox.cut(0)).toBeNull();
  });

  it('leaves out what the copy of a table has', () => {
    const inbox = new Inbox(0n, () => 15n);
    take(inbox, 10n, [insert('1', '', '')]);
    expect(inbox.empty).toBe(true);
    expect(inbox.seen).toBe(15n);
    take(inbox, 15n, [insert('2', '', '')]);
    expect(inbox.cut(0)?.changes).toHaveLength(1);
  });

  it('stops before the gate, and knows when nothing before it can come any more', () => {
    const inbox = new Inbox(0n, () => 0n);
    inbox.gate = 20n;
    take(inbox, 10n, [insert('1', '', '')]);
    expect(inbox.settled).toBe(false);
    take(inbox, 20n, [insert('2', '', '')]);
    expect(inbox.settled).toBe(false);
    expect(inbox.cut(0)).toMatchObject({ commitLsn: 10n });
    expect(inbox.settled).toBe(true);
    expect(inbox.cut(0)).toBeNull();
    inbox.gate = null;
    expect(inbox.cut(0)).toMatchObject({ commitLsn: 20n });
  });

  it('hands out a very large transaction in parts, and its end last', () => {
    const inbox = new Inbox(0n, () => 0n);
    inbox.take({ kind: 'begin', commitLsn: 10n }, 10);
    inbox.take(insert('1', '', ''), BATCH_BYTES);
    expect(inbox.cut(0)).toMatchObject({ opens: true, closes: false });
    expect(inbox.begun).toBe(true);
    inbox.take(insert('2', '', ''), 10);
    expect(inbox.cut(0)).toBeNull();
    inbox.take({ kind: 'commit', endLsn: 15n }, 10);
    expect(inbox.cut(0)).toMatchObject({ opens: false, closes: true, endLsn: 15n });
    expect(inbox.empty && !inbox.begun).toBe(true);
  });

  const frame = (text: string) => {
    const head = Buffer.alloc(5);
    head.write('d');
    head.writeUInt32BE(4 + text.length, 1);
    return Buffer.concat([head, Buffer.from(text)]);
  };

  it('is cut into messages however it arrives', () => {
    const bytes = Buffer.concat(['', 'a', 'longer than the rest'].map(frame));
    for (let size = 1; size < bytes.length; size += 1) {
      const splitter = new FrameSplitter();
      const seen: string[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        splitter.push(bytes.subarray(at, at + size), (chunk, from, to) => {
          seen.push(chunk.toString('utf8', from + 5, to));
        });
      }
      expect(seen).toEqual(['', 'a', 'longer than the rest']);
    }
  });

  it('stays where it lies until it is given back, and then makes room', () => {
    const splitter = new FrameSplitter();
    const kept: Array<{ text: string; bytes: Buffer; from: number; to: number }> = [];
    const slabs = new Set<Buffer>();
    for (let n = 0; n < 400; n += 1) {
      // One in a hundred is larger than any slab.
      const text = String(n).repeat(n % 100 === 50 ? 600_000 : 9000);
      const bytes = frame(text);
      for (let at = 0; at < bytes.length; at += 100_000) {
        splitter.push(bytes.subarray(at, at + 100_000), (slab, from, to) => {
          kept.push({ text, bytes: slab, from: from + 5, to });
          slabs.add(slab);
        });
      }
      if (kept.length < 60) continue;
      const done = kept.splice(0, 30);
      for (const { text, bytes, from, to } of done) {
        expect(bytes.toString('utf8', from, to) === text).toBe(true);
      }
      splitter.recycle(done.at(-1)?.bytes as Buffer);
    }
    expect(slabs.size).toBeLessThan(15);
  });
});

describe('what is told of it', () => {
  it('is a lag that grows while nothing gets through', () => {
    const pulse = new Pulse();
    expect(pulse.progress(0)).toMatchObject({ lagMs: null, behindBytes: null });
    pulse.beat(100n, 1000);
    pulse.reached(100n, 1040);
    expect(pulse.progress(1100)).toMatchObject({ lagMs: 40, behindBytes: 0 });
    pulse.beat(300n, 1500);
    expect(pulse.progress(4500)).toMatchObject({ lagMs: 3000, behindBytes: 200 });
  });

  it('keeps the keys of touched rows, until they are too many', () => {
    const touched = new Touched(2);
    const tally = (...keys: string[]) => [
      { table: NOTES_TABLE, keys: new Set(keys), rows: keys.length, truncated: false },
    ];
    touched.add(tally('1'));
    touched.add(tally('1', '2'));
    expect(touched.tables()).toMatchObject([{ keyColumns: ['id'], keys: [['1'], ['2']], rows: 3 }]);
    touched.add(tally('3'));
    expect(touched.tables()).toMatchObject([{ keys: null, rows: 4 }]);
    touched.reset();
    expect(touched.tables()).toEqual([]);
  });

  it('names what differs between two looks at the structure', () => {
    expect(differences({ a: '1', b: '1' }, { b: '2', c: '1' })).toEqual([
      { object: 'a', what: 'disappeared' },
      { object: 'b', what: 'changed' },
      { object: 'c', what: 'appeared' },
    ]);
  });

  it('writes positions as PostgreSQL does', () => {
    expect(lsnText(parseLsn('16/B374D848'))).toBe('16/B374D848');
    expect(parseLsn('1/0') - parseLsn('0/FFFFFFFF')).toBe(1n);
  });
});

describe('a row in pgoutput', () => {
  const int32 = (value: number) => [0, 0, 0, value];
  const column = (name: string) => [0, ...Buffer.from(`${name}\0`), ...int32(25), ...int32(0)];
  const described = [...int32(7), ...Buffer.from('public\0t\0d'), 0, 4].concat(
    ['a', 'b', 'c', 'd'].flatMap(column),
  );

  it('tells an empty value, NULL and what was left unchanged apart', () => {
    const decoder = new PgoutputDecoder();
    decoder.decode(Buffer.from([0x52, ...described]), 0);
    const value = (text: string) => [0x74, ...int32(text.length), ...Buffer.from(text)];
    const row = [...value('one'), 0x6e, 0x75, ...value('')];
    const bytes = Buffer.from([0x55, ...int32(7), 0x4e, 0, 4, ...row]);
    const change = decoder.decode(bytes, 0);
    if (change.kind !== 'update') throw new Error(`it is ${change.kind}`);
    expect(values(change.row)).toEqual(['one', null, undefined, '']);
    expect(change.row.partial).toBe(true);
  });
});
