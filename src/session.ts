import { keepHeapSmall } from './heap.ts';
import type { Sources } from './ports/sources.ts';
import type { Event } from './state/events.ts';
import { type Beginning, initialState } from './state/state.ts';
import { createStore, type Store } from './state/store.ts';
import { startWatching } from './state/watching.ts';

/** What a dashboard knows, from before there is a screen: Ink takes its time to load. */
export interface Session {
  readonly store: Store;
  /** Resolves when what systems tell at once is in the store. */
  readonly seen: Promise<void>;
  /** Says that the first frame is there: now the looks begin that take longer. */
  drawn(): void;
  end(): void;
}

/** `start` happens before anything is seen. */
export function beginSession(
  beginning: Omit<Beginning, 'columns' | 'rows' | 'now'>,
  sources: Sources | null,
  start: readonly Event[] = [],
): Session {
  const { columns = 80, rows = 24 } = process.stdout;
  const store = createStore(initialState({ ...beginning, columns, rows, now: Date.now() }));
  for (const event of start) store.dispatch(event);
  const letHeapGrow = keepHeapSmall();
  const left = new AbortController();
  let drawn = () => {};
  const isDrawn = new Promise<void>((resolve) => {
    drawn = resolve;
  });
  const seen = sources && startWatching(sources, store.dispatch, left.signal, isDrawn);
  const end = () => {
    left.abort();
    letHeapGrow();
  };
  return { store, seen: seen ?? Promise.resolve(), drawn, end };
}
