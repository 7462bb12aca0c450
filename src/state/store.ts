import type { Event } from './events.ts';
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
  return before?.state !== event.reading.state;
}
