import { stripVTControlCharacters } from 'node:util';
import { render } from 'ink-testing-library';
import { describe, expect, it } from 'vitest';
import { type DataRow, Table } from '../../src/components/Table.tsx';
import { type Column, placed } from '../../src/components/table-layout.ts';

const COLUMNS: Column[] = [
  { key: 'name', title: 'NAME', width: 6, flex: 1, priority: 0 },
  { key: 'cpu', title: 'CPU', width: 4, align: 'right', priority: 1 },
  { key: 'mem', title: 'MEM', width: 8, align: 'right', priority: 2 },
  { key: 'age', title: 'AGE', width: 3, align: 'right', priority: 3 },
];

const widths = (columns: readonly Column[], width: number) =>
  placed(columns, width).map((column) => [column.key, column.width]);

describe('the columns of a table', () => {
  it('are all there where there is room, and the flexible one takes the rest', () => {
    expect(widths(COLUMNS, 30)).toEqual([
      ['name', 12],
      ['cpu', 4],
      ['mem', 8],
      ['age', 3],
    ]);
    expect(widths(COLUMNS, 24)).toEqual([
      ['name', 6],
      ['cpu', 4],
      ['mem', 8],
      ['age', 3],
    ]);
  });

  it('leave one by one as it gets narrower, the least important first', () => {
    expect(widths(COLUMNS, 23).map(([key]) => key)).toEqual(['name', 'cpu', 'mem']);
    expect(widths(COLUMNS, 19).map(([key]) => key)).toEqual(['name', 'cpu']);
    expect(widths(COLUMNS, 10)).toEqual([['name', 10]]);
    expect(widths(COLUMNS, 3)).toEqual([['name', 6]]);
  });

  it('share what is left over to the last cell', () => {
    const flexible = COLUMNS.map((column) => ({ ...column, flex: 1 }));
    for (let width = 24; width < 60; width++) {
      const total = placed(flexible, width).reduce((sum, column) => sum + column.width + 1, -1);
      expect(total).toBe(width);
    }
  });
});

describe('a table', () => {
  const rows: DataRow[] = [
    { key: '1', mark: '●', cells: { name: 'web.1', cpu: '12%', mem: '148/512M', age: '2h' } },
    { key: '2', mark: '●', cells: { name: '世界です', cpu: '9%', mem: '96/512M', age: '9d' } },
    { key: '3', mark: '✖', cells: { name: 'a-very-long-name' }, note: 'gone since 12:04' },
  ];
  const seen = (frame = '') => stripVTControlCharacters(frame).split('\n');

  it('has one line for each row and none between them, in line also with wide characters', () => {
    const table = <Table columns={COLUMNS} rows={rows} width={31} chosen={1} />;
    expect(seen(render(table).lastFrame())).toEqual([
      '  NAME        CPU      MEM AGE',
      '● web.1       12% 148/512M  2h',
      '●›世界です     9%  96/512M  9d',
      '✖ a-very-lo… gone since 12:04',
    ]);
  });

  it('shows what changed in a row', () => {
    const table = (cpu: string) => (
      <Table
        columns={COLUMNS.slice(0, 2)}
        rows={[{ key: '1', cells: { name: 'web.1', cpu } }]}
        width={16}
        chosen={-1}
      />
    );
    const { lastFrame, rerender } = render(table('1%'));
    expect(seen(lastFrame())[1]).toBe('  web.1      1%');
    rerender(table('100%'));
    expect(seen(lastFrame())[1]).toBe('  web.1    100%');
  });
});
