import { describe, expect, it } from 'vitest';
import { naturally } from '../../src/state/natural-order.ts';

const sorted = (...names: string[]) => names.sort(naturally);

describe('naturally', () => {
  it('counts numbers by their value, however long they are', () => {
    expect(sorted('web-10', 'web-2', 'web-02-b', 'web')).toEqual([
      'web',
      'web-2',
      'web-02-b',
      'web-10',
    ]);
    expect(naturally(`a${'9'.repeat(30)}`, `a1${'0'.repeat(30)}`)).toBeLessThan(0);
  });

  it('does not mind the case, and still tells two names apart', () => {
    expect(sorted('Web', 'db', 'web', 'Db')).toEqual(['Db', 'db', 'Web', 'web']);
    expect(naturally('web-1', 'web-01')).not.toBe(0);
    expect(naturally('web-1', 'web-1')).toBe(0);
  });

  it('puts what is shorter first', () => {
    expect(sorted('web-1', 'web', 'we')).toEqual(['we', 'web', 'web-1']);
  });
});
