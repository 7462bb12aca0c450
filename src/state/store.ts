import type { Migration } from '../model/migration.ts';
import { dataOf, type Reading } from '../model/reading.ts';
import type { Event, ReadingEvent } from './events.ts';
import { reducer } from './reducer.ts';
import type { State } from './state.ts';

/** Fits useSyncExternalStore. */
export interface Store {
  getState(): State;
  subscribe(listener: () => void): () => void;
  dispatch(event: Event): void;
}

/**
 * Figures that only changed are told with the next tick, all at once: a frame a second instead of
 * one for every source. News (a source that starts or stops answering) and keys are told at once.
 */
export function createStore(initial: State): Store {
  let state = initial;
  const listeners = new Set<() => void>();
  let told = initial;
  const tell = () => {
    if (told === state) return;
    told = state;
    for (const listener of listeners) listener();
  };
  return {
    getState: () => told,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispatch(event) {
      const news = isNews(state, event);
      state = reducer(state, event);
      if (news) tell();
    },
  };
}

function isNews(state: State, event: Event): boolean {
  if (event.type !== 'reading') return true;
  const before = state.readings[event.pane][event.id];
  return before?.state !== event.reading.state || isTurn(before, event);
}

/** A migration's next phase is news; how far a phase has come is a figure. */
function isTurn(before: Reading<unknown>, event: ReadingEvent): boolean {
  if (event.pane !== 'migration') return false;
  const turn = (reading: Reading<unknown>) => {
    const { state, cutover } = (dataOf(reading) as Migration | null) ?? {};
    return `${state} ${cutover?.heldAt} ${cutover?.outcome}`;
  };
  return turn(before) !== turn(event.reading);
}
