import { createContext, useContext } from 'react';

/** What the terminal can show, found out once at the start. */
export interface Look {
  utf8: boolean;
  /** False with NO_COLOR: bold, dim and inverse stay, state is told by marks and words. */
  colour: boolean;
}

export const LookContext = createContext<Look>({ utf8: true, colour: true });

export function useLook(): Look {
  return useContext(LookContext);
}

/** Every sign PortSync draws that is not ASCII, with its twin of the same width. */
const TWINS: Record<string, string> = {
  '●': '*',
  '▲': '!',
  '✖': 'x',
  '○': 'o',
  '◌': '.',
  '≈': '~',
  '›': '>',
  '·': '-',
  '…': '.',
  '–': '-',
  '—': '-',
  '→': '>',
  '←': '<',
  '↑': '^',
  '↓': 'v',
  '•': '*',
  '“': '"',
  '”': '"',
  '’': "'",
  '×': 'x',
  '✓': '+',
  '─': '-',
  '│': '|',
  '╭': '+',
  '╮': '+',
  '╰': '+',
  '╯': '+',
  '┄': '-',
  '▁': '_',
  '▂': '.',
  '▃': ':',
  '▄': '-',
  '▅': '=',
  '▆': '+',
  '▇': '*',
  '█': '#',
  '░': '.',
};

/** For a locale without UTF-8: same width, and nothing that such a terminal cannot draw. */
export function ascii(text: string): string {
  return text.replace(/[^\x20-\x7E]/gu, (char) => TWINS[char] ?? '?');
}
