import { createContext, useContext } from 'react';

/** In character cells. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

const Context = createContext<TerminalSize>({ columns: 80, rows: 24 });

export const TerminalSizeProvider = Context.Provider;

/** The terminal's size now; the component draws again when it changes. */
export function useTerminalSize(): TerminalSize {
  return useContext(Context);
}
