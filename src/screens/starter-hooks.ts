import { useEffect } from 'react';
import { toProblem } from '../errors.ts';
import { timeLimit } from '../limit.ts';
import type { Actions } from '../model/actions.ts';
import type { Problem } from '../model/problem.ts';
import type { SetupDraft } from '../state/setup.ts';
import type { StackWork } from '../state/stack.ts';
import { notHere } from '../state/starter-effects.ts';
import type { Store } from '../state/store.ts';

const LOOK_LIMIT_MS = 30_000;

/** Plans what was filled in, when someone asks for it. */
export function useSetupPlan(store: Store, actions: Actions, { look, looking }: SetupDraft): void {
  useEffect(() => {
    const { wish } = store.getState().setup;
    if (!looking || !wish) return;
    return asking(
      async (signal) => {
        if (!actions.setup) throw notHere();
        return actions.setup.plan(wish, signal);
      },
      (answer) => store.dispatch({ type: 'setup-planned', look, answer }),
    );
  }, [store, actions, look, looking]);
}

/** Looks at what runs, when someone asks to start or to end it. */
export function useStackPlan(store: Store, actions: Actions, { look, what }: StackWork): void {
  useEffect(() => {
    if (store.getState().stack.phase !== 'looking') return;
    return asking(
      async (signal) => {
        if (!actions.stack) throw notHere();
        return actions.stack.plan(what, signal);
      },
      (answer) => store.dispatch({ type: 'stack-planned', look, answer }),
    );
  }, [store, actions, look, what]);
}

/** Answers how to give it up. */
function asking<T>(
  work: (signal: AbortSignal) => Promise<T>,
  tell: (answer: T | Problem) => void,
): () => void {
  const stop = new AbortController();
  const limit = timeLimit(LOOK_LIMIT_MS, stop.signal);
  const told = (answer: T | Problem) => {
    if (!stop.signal.aborted) tell(answer);
  };
  work(limit).then(told, (error) => told(toProblem(error)));
  return () => stop.abort();
}
