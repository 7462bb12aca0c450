import { describe, expect, it } from 'vitest';
import { failed, ready } from '../../src/model/reading.ts';
import { createStore } from '../../src/state/store.ts';
import { beginning, NOW, noAnswer, traffic } from '../frames/fixtures.ts';

function watched() {
  const store = createStore(beginning({ columns: 80, rows: 24 }));
  let told = 0;
  store.subscribe(() => {
    told += 1;
  });
  const see = (requestsPerSecond: number) =>
    store.dispatch({
      type: 'reading',
      pane: 'traffic',
      id: 'edge',
      reading: ready({ ...traffic, requestsPerSecond }, NOW),
    });
  return { store, see, told: () => told };
}

describe('the store', () => {
  it('tells new figures with the next tick, all at once', () => {
    const { store, see, told } = watched();
    see(1);
    expect(told()).toBe(1);
    see(2);
    see(3);
    expect(told()).toBe(1);
    store.dispatch({ type: 'tick', now: NOW + 1000 });
    expect(told()).toBe(2);
    expect(store.getState().history.traffic.recent).toHaveLength(3);
  });

  it('tells at once that a source stopped answering, and what a key did', () => {
    const { store, see, told } = watched();
    see(1);
    const before = store.getState().readings.traffic.edge;
    if (!before) throw new Error('not read');
    const reading = failed(before, noAnswer, NOW);
    store.dispatch({ type: 'reading', pane: 'traffic', id: 'edge', reading });
    expect(told()).toBe(2);
    store.dispatch({ type: 'focus', pane: 'env' });
    expect(told()).toBe(3);
  });
});
