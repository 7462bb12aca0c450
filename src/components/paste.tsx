import { createContext, useContext, useEffect } from 'react';

/** Takes a listener for pasted text and gives back what removes it. */
export type PasteSource = (listener: (text: string) => void) => () => void;

const Context = createContext<PasteSource>(() => () => undefined);

export const PasteProvider = Context.Provider;

/**
 * Calls `listener` with what was pasted, whole: line ends are `\n`, control characters are gone.
 * Pasted text never arrives as keys. While `active` is false nothing is heard.
 */
export function usePaste(listener: (text: string) => void, active = true): void {
  const source = useContext(Context);
  useEffect(() => (active ? source(listener) : undefined), [source, listener, active]);
}
