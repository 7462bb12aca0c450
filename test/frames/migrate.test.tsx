import { describe, expect, it } from 'vitest';
import { asciiOf, textOf } from './draw.tsx';
import { MIGRATE } from './migration-fixtures.ts';

const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];

const file = (name: string, { columns, rows }: { columns: number; rows: number }) =>
  `__frames__/${name}.${columns}x${rows}.frame.txt`;

describe.each(SIZES)('moving the database at $columns×$rows', (size) => {
  it.each(Object.entries(MIGRATE))('%s', async (name, screen) => {
    await expect(textOf(screen(size))).toMatchFileSnapshot(file(name, size));
  });
});

describe('moving the database', () => {
  const odd = [
    [30, 8],
    [47, 15],
    [79, 19],
    [80, 20],
    [133, 12],
    [200, 60],
  ] as const;
  it.each(Object.entries(MIGRATE))('%s never leaves its terminal', (_name, screen) => {
    const state = screen({ columns: 120, rows: 40 });
    for (const [columns, rows] of odd) textOf({ ...state, columns, rows });
  });

  it.each(['migrate-preflight', 'migrate-copying', 'migrate-pause'])(
    '%s without UTF-8 and colours',
    async (name) => {
      const size = { columns: 80, rows: 24 };
      const screen = MIGRATE[name];
      if (!screen) throw new Error(`no screen ${name}`);
      const text = asciiOf(screen(size));
      expect(text).toMatch(/^[\x20-\x7E\n]*$/);
      await expect(text).toMatchFileSnapshot(file(`${name}.ascii`, size));
    },
  );
});
