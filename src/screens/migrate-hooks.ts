import { useEffect } from 'react';
import { toProblem } from '../errors.ts';
import type { Actions } from '../model/actions.ts';
import type { Event } from '../state/events.ts';
import type { Draft } from '../state/migration.ts';
import { migrationIn } from '../state/migration-effects.ts';
import type { Store } from '../state/store.ts';

/** 20 frames a second: hundredths that run, and few bytes on a slow line. */
const PAUSE_TICK_MS = 50;

/** While requests wait, the clock runs in hundredths. */
export function usePauseClock(store: Store, held: boolean): void {
  useEffect(() => {
    if (!held) return;
    const tick = () => store.dispatch({ type: 'tick', now: Date.now() });
    const timer = setInterval(tick, PAUSE_TICK_MS);
    return () => clearInterval(timer);
  }, [store, held]);
}

/** Looks at both servers when someone asks for it; leaving the findings stops a look under way. */
export function usePreflight(store: Store, actions: Actions, { target, look }: Draft): void {
  useEffect(() => {
    if (!target) return;
    const stop = new AbortController();
    const tell = (answer: Extract<Event, { type: 'checked' }>['answer']) => {
      if (!stop.signal.aborted) store.dispatch({ type: 'checked', look, answer });
    };
    const check = async () => migrationIn(actions).preflight(target.reveal(), stop.signal);
    check().then(tell, (error) => tell(toProblem(error)));
    return () => stop.abort();
  }, [store, actions, target, look]);
}
