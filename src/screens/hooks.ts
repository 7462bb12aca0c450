import { useInput } from 'ink';
import { useCallback, useEffect } from 'react';
import { usePaste } from '../components/paste.tsx';
import { useTerminalSize } from '../components/terminal-size.tsx';
import { toProblem } from '../errors.ts';
import type { Actions } from '../model/actions.ts';
import type { Container, LogLine } from '../model/container.ts';
import { type Outside, runEffect } from '../state/effects.ts';
import { isEffect } from '../state/keys/binding.ts';
import { keyNames } from '../state/keys/names.ts';
import { press } from '../state/keys/press.ts';
import type { Store } from '../state/store.ts';

/** Ages and clocks go on while nothing else happens. */
export function useClock(store: Store): void {
  useEffect(() => {
    const timer = setInterval(() => store.dispatch({ type: 'tick', now: Date.now() }), 1000);
    return () => clearInterval(timer);
  }, [store]);
}

export function useSize(store: Store): void {
  const { columns, rows } = useTerminalSize();
  useEffect(() => {
    const now = store.getState();
    if (now.columns !== columns || now.rows !== rows) {
      store.dispatch({ type: 'resized', columns, rows });
    }
  }, [store, columns, rows]);
}

/** The only place that hears keys: Ink may lose input when its listeners come and go. */
export function useKeys(store: Store, outside: Outside): void {
  const { actions, onQuit, onRepaint, onOpen, onCopy } = outside;
  const onKey = useCallback(
    (input: string, key: Parameters<typeof keyNames>[1]) => {
      for (const name of keyNames(input, key)) {
        for (const deed of press(store.getState(), name)) {
          if (isEffect(deed)) {
            const whole = { actions, onQuit, onRepaint, onOpen, onCopy };
            void runEffect(deed, whole, store.dispatch);
          } else store.dispatch(deed);
        }
      }
    },
    [store, actions, onQuit, onRepaint, onOpen, onCopy],
  );
  useInput(onKey);
  usePaste(useCallback((text: string) => store.dispatch({ type: 'paste', text }), [store]));
}

const TAIL = 1000;
const BATCH_MS = 100;

/** Follows the log that is open; a busy one arrives in batches, not line by line. */
export function useLogs(store: Store, actions: Actions, container: Container | null): void {
  useEffect(() => {
    if (!container) return;
    const stop = new AbortController();
    let waiting: LogLine[] = [];
    const flush = () => {
      if (waiting.length > 0) store.dispatch({ type: 'log-lines', lines: waiting });
      waiting = [];
    };
    const timer = setInterval(flush, BATCH_MS);
    const end = (problem: ReturnType<typeof toProblem> | null) => {
      if (stop.signal.aborted) return;
      flush();
      store.dispatch({ type: 'log-ended', problem });
    };
    const follow = async () => {
      const lines = actions.logs(container, { tail: TAIL, follow: true }, stop.signal);
      for await (const line of lines) waiting.push(line);
    };
    follow().then(
      () => end(null),
      (error) => end(toProblem(error)),
    );
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [store, actions, container]);
}

/** What changed in the version someone looks at. */
export function useEnvChanges(store: Store, actions: Actions, version: string | null): void {
  useEffect(() => {
    if (version === null) return;
    const stop = new AbortController();
    actions.envChanges(version, stop.signal).then(
      (changes) => {
        if (!stop.signal.aborted) store.dispatch({ type: 'env-changes', version, changes });
      },
      (error) => {
        if (stop.signal.aborted) return;
        store.dispatch({ type: 'env-changes', version, changes: toProblem(error) });
      },
    );
    return () => stop.abort();
  }, [store, actions, version]);
}
