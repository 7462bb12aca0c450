import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapeOfSql } from '../../src/services/postgres/shape.ts';

describe('the shape of a query', () => {
  it.each([
    [
      "select * from notes where id = 42 and text = 'it''s'",
      'select * from notes where id = ? and text = ?',
    ],
    ['select  1.5e-3,\n\t.5, 0x1F, t1.c2 from t1', 'select ?, …, t1.c2 from t1'],
    ['select $1, $2 from "My ""Table"', 'select $1, $2 from "My ""Table"'],
    ["insert into t values (1, 'a'), (2, 'b')", 'insert into t values (?, …), …'],
    ["do $fn$ begin perform 'x'; end $fn$ language plpgsql", 'do ? language plpgsql'],
    ["select E'a\\'b', 'c'", 'select ?, …'],
    ["alter role bob with password 'hunter2' login", 'alter role bob with password ? login'],
    ['set app.token = abc123def', 'set app.token = ?'],
    ['begin; set local app.token to abc', 'begin; set local app.token = ?'],
    ['alter role bob set app.token to abc', 'alter role bob set app.token = ?'],
    ['update t set a = b where c = 1', 'update t set a = b where c = ?'],
    ['select 1 /* user=bob */ -- trace=abc', 'select ?'],
    ['select x\u001b[31m\u202e from "a\u0007"', 'select x [? from "a "'],
  ])('%s', (sql, shape) => {
    expect(shapeOfSql(sql)).toBe(shape);
  });

  it('shows nothing of a literal that was cut off, or that ends differently from server to server', () => {
    expect(shapeOfSql("select 'secr")).toBe('select ?');
    expect(shapeOfSql('select $$secr')).toBe('select ?');
    expect(shapeOfSql("select 'a\\', 'secret'")).toBe('select ?');
    expect(shapeOfSql("select /* a /* b */ 'secret' */ 1")).toBe('select …');
  });

  it('is one line of at most 200 characters', () => {
    const shape = shapeOfSql(`select ${'column_with_a_name, '.repeat(40)} x\nfrom t`);
    expect([...shape]).toHaveLength(200);
    expect(shape.endsWith('…')).toBe(true);
  });

  it('never shows a value, however quoted, wherever the text is cut off', () => {
    const value = fc.string().map((tail) => `Zq7${tail}`);
    const quoted = value.chain((text) =>
      fc.constantFrom(
        `'${text.replaceAll("'", "''")}'`,
        `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
        `$tag$${text}$tag$`,
        `/* ${text.replaceAll('*', '')} */ 1`,
      ),
    );
    const statement = fc
      .array(quoted, { minLength: 1, maxLength: 4 })
      .map((values) => `select f(${values.join(', ')}) from t where a in (1, 2)`);
    fc.assert(
      fc.property(statement, fc.nat({ max: 120 }), (sql, cut) => {
        expect(shapeOfSql(sql)).not.toContain('Zq7');
        expect(shapeOfSql(sql.slice(0, cut))).not.toContain('Zq7');
      }),
      { numRuns: 2000 },
    );
  });
});
