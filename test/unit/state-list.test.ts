import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, inSight, type Move, matches, move, startOfList } from '../../src/state/list.ts';

const ids = (count: number) => Array.from({ length: count }, (_item, index) => `row-${index}`);

describe('a place in a list', () => {
  it('stays with its item when the order changes', () => {
    const place = move(startOfList, ['a', 'b', 'c'], 'down', 10);
    expect(place.chosen).toBe('b');
    expect(inSight(['b', 'c', 'a'], (id) => id, place, 10).chosen).toBe(0);
  });

  it('goes to the neighbour when its item goes', () => {
    const place = move(startOfList, ['a', 'b', 'c'], 'down', 10);
    expect(inSight(['a', 'c'], (id) => id, place, 10).chosen).toBe(1);
  });

  it('scrolls only when the chosen row would leave the page', () => {
    let place = startOfList;
    const top = () => inSight(ids(9), (id) => id, place, 3).above;
    const tops = Array.from({ length: 4 }, () => {
      place = { ...place, ...move(place, ids(9), 'down', 3) };
      return top();
    });
    expect(tops).toEqual([0, 0, 1, 2]);
    place = { ...place, ...move(place, ids(9), 'up', 3) };
    expect(top()).toBe(2);
  });

  it('is in sight whatever was pressed and however long the list became', () => {
    const moves = fc.constantFrom<Move>('up', 'down', 'pageUp', 'pageDown', 'first', 'last');
    const steps = fc.array(fc.record({ by: moves, length: fc.nat(40), page: fc.nat(12) }));
    fc.assert(
      fc.property(steps, (all) => {
        let place = startOfList;
        for (const { by, length, page } of all) {
          const rows = ids(length);
          place = { ...place, ...move(place, rows, by, page + 1) };
          const seen = inSight(rows, (id) => id, place, page + 1);
          expect(seen.rows.length).toBe(Math.min(length, page + 1));
          if (length > 0) expect(seen.rows[seen.chosen]).toBe(place.chosen);
        }
      }),
    );
  });
});

describe('filter and order', () => {
  it('wants every word, anywhere, in any case', () => {
    const words = ['web.1', 'shop-web:42', null, 'healthy'];
    expect(matches('SHOP healthy', words)).toBe(true);
    expect(matches('shop unhealthy', words)).toBe(false);
    expect(matches('  ', words)).toBe(true);
  });

  it('counts numbers in names, and puts the unknown last both ways', () => {
    const sorted = (descending: boolean, values: Array<string | number | null>) =>
      values.sort((a, b) => compare(a, b, descending));
    expect(sorted(false, ['web.10', 'web.9', null])).toEqual(['web.9', 'web.10', null]);
    expect(sorted(true, [1, null, 3])).toEqual([3, 1, null]);
  });
});
