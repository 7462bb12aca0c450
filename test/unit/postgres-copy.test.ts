import { describe, expect, it } from 'vitest';
import { passesInBinary, type TypeFacts } from '../../src/services/postgres/copy/formats.ts';
import { alterDatabase } from '../../src/services/postgres/copy/outside.ts';
import { copyOut, planParts } from '../../src/services/postgres/copy/parts.ts';
import { analysesOf } from '../../src/services/postgres/copy/statistics.ts';
import type { Relation } from '../../src/services/postgres/copy/tables.ts';
import { together } from '../../src/services/postgres/copy/together.ts';
import { FrameSplitter, serverError } from '../../src/services/postgres/wire/frames.ts';

const GB = 1024 ** 3;

function table(name: string, bytes: number, indexCost = 0): Relation {
  return {
    ...{
      oid: 1,
      schema: 'public',
      name,
      kind: 'r',
      unlogged: false,
      owned: false,
      populated: true,
      root: null,
    },
    ...{
      bytes,
      pages: bytes / 8192,
      indexCosts: { i: indexCost },
      columns: 'id, "a b"',
      types: [],
    },
  };
}

describe('The order of tables', () => {
  it('begins with what takes longest, its indexes counted', () => {
    const tables = [table('small', 1), table('indexed', 5, 100), table('large', 50)];
    const parts = planParts(tables, { workers: 2, canSplit: true });
    expect(parts.map((part) => part.table.name)).toEqual(['indexed', 'large', 'small']);
  });

  it('splits one huge table among many workers, without a gap and open at the end', () => {
    const parts = planParts([table('huge', 64 * GB), table('other', GB)], {
      ...{ workers: 4, canSplit: true },
    });
    const ranges = parts.flatMap(({ range }) => range ?? []);
    expect(ranges).toHaveLength(4);
    expect(ranges[0]?.from).toBe(0);
    expect(ranges.at(-1)?.to).toBeNull();
    for (const [n, { to }] of ranges.slice(0, -1).entries()) expect(ranges[n + 1]?.from).toBe(to);
    expect(copyOut(parts[1] as never, true)).toMatch(/where ctid >= '\(\d+,0\)' and ctid < '\(/);
  });

  it('leaves a table whole where it is read from the start each time, and on two cores', () => {
    const huge = [table('huge', 64 * GB)];
    expect(planParts(huge, { workers: 8, canSplit: false })).toHaveLength(1);
    expect(planParts(huge, { workers: 2, canSplit: true })).toHaveLength(1);
  });
});

describe('Statistics', () => {
  const whole: Relation = { ...table('whole', 0), kind: 'p', oid: 7 };
  const inner: Relation = { ...table('inner', 0), kind: 'p', oid: 8, root: 7 };
  const leaf: Relation = { ...table('leaf', 40), root: 7 };
  const view: Relation = { ...table('view', 1), kind: 'm' };
  const relations = [whole, inner, leaf, table('plain', 30), view];

  it('of partitions come with those of the whole, where these read them anyway', () => {
    expect(analysesOf(relations, 17)).toEqual([
      { sql: 'analyze "public"."whole"', bytes: 40 },
      { sql: 'analyze "public"."plain"', bytes: 30 },
    ]);
  });

  it('of partitions are taken side by side, and those of the whole alone, where that can be', () => {
    expect(analysesOf(relations, 18).map(({ sql }) => sql)).toEqual([
      'analyze only "public"."whole"',
      'analyze only "public"."inner"',
      'analyze "public"."leaf"',
      'analyze "public"."plain"',
    ]);
  });
});

describe('Whether a type passes in binary', () => {
  const facts = (own: Partial<TypeFacts> & { oid: number; name: string }): TypeFacts => ({
    ...{ kind: 'b', binary: true, element: 0, base: 0, attributes: [], extension: null },
    ...own,
  });
  const types = new Map(
    [
      facts({ oid: 23, name: 'int4' }),
      facts({ oid: 1007, name: '_int4', element: 23 }),
      facts({ oid: 2205, name: 'regclass' }),
      facts({ oid: 1033, name: 'aclitem', binary: false }),
      facts({ oid: 20000, name: 'mood', kind: 'e' }),
      facts({ oid: 20001, name: '_mood', element: 20000 }),
      facts({ oid: 20002, name: 'age', kind: 'd', base: 23 }),
      facts({ oid: 20003, name: 'pair', kind: 'c', attributes: [23, 23] }),
      facts({ oid: 20004, name: 'odd', kind: 'c', attributes: [23, 20000] }),
      facts({ oid: 20005, name: 'vector', extension: 'vector 0.8.0' }),
      facts({ oid: 20006, name: 'span', kind: 'r', base: 20002 }),
    ].map((type) => [type.oid, type]),
  );
  const passes = (oid: number, extensions: string[] = []) =>
    passesInBinary(oid, types, new Set(extensions));

  it('says yes to what every server writes alike', () => {
    for (const oid of [23, 1007, 20000, 20002, 20003, 20006]) expect(passes(oid)).toBe(true);
  });

  it('says no where numbers of this database are within, or there is no binary form', () => {
    for (const oid of [2205, 1033, 20001, 20004, 99999]) expect(passes(oid)).toBe(false);
  });

  it('trusts an extension’s type only between equal versions', () => {
    expect(passes(20005, ['vector 0.8.0'])).toBe(true);
    expect(passes(20005, ['vector 0.7.4'])).toBe(false);
  });
});

describe('The splitting of what a server sends', () => {
  const frame = (type: string, body: string) => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, Buffer.from(body)]);
  };
  const data = [frame('d', 'one row'), frame('d', ''), frame('d', 'x'.repeat(300))];
  const all = Buffer.concat([
    ...[frame('H', 'abc'), data[0], frame('N', 'notice'), data[1], data[2], frame('c', '')],
    ...[frame('C', 'COPY 3\0'), frame('Z', 'I')],
  ] as Buffer[]);

  it('gives the same whatever the network cuts it into', () => {
    for (let size = 1; size < all.length; size += 1) {
      const rows: Buffer[] = [];
      const messages: string[] = [];
      const splitter = new FrameSplitter({
        data: (bytes) => rows.push(Buffer.from(bytes)),
        message: (type, body) => messages.push(`${type} ${body}`),
      });
      for (let at = 0; at < all.length; at += size) splitter.push(all.subarray(at, at + size));
      expect(Buffer.concat(rows).equals(Buffer.concat(data)), `pieces of ${size}`).toBe(true);
      expect(messages).toEqual(['H abc', 'N notice', 'c ', 'C COPY 3\0', 'Z I']);
    }
  });

  it('reads an error as the driver does', () => {
    const error = serverError(Buffer.from('SERROR\0C53100\0Mno space left\0Dreally\0\0'));
    expect(error).toMatchObject({ message: 'no space left', code: '53100', detail: 'really' });
  });
});

describe('Settings of the database', () => {
  it('become the new one’s, names in lists unquoted as they were', () => {
    expect(alterDatabase('search_path="$user", app')).toContain('"$user", app');
    expect(alterDatabase("app.motto=it's 100%")).toContain('motto');
  });
});

describe('Work side by side', () => {
  it('stops the others when one fails, and throws what failed first', async () => {
    const stopped: boolean[] = [];
    const patient = (signal: AbortSignal) =>
      new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => {
          stopped.push(true);
          reject(new Error('second'));
        });
      });
    const failing = async () => {
      throw new Error('first');
    };
    const works = [patient, failing, patient];
    await expect(together(works, new AbortController().signal)).rejects.toThrow('first');
    expect(stopped).toEqual([true, true]);
  });
});
