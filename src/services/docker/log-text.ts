import { stripVTControlCharacters } from 'node:util';

// Controls of both sets, and what turns the direction of the text around it.
const UNSAFE = /[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
// Titles, links and the like: everything up to their end.
const STRINGS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\u001b[P\]X^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c|$)/g;
const TAB = '    ';

/**
 * One line of a log as text that cannot drive the terminal: no escape sequence, no control character,
 * a progress line as it was last drawn.
 */
export function cleanLine(raw: string): string {
  const text = stripVTControlCharacters(raw.replace(STRINGS, '')).replace(/\r+$/, '');
  const drawn = text.slice(text.lastIndexOf('\r') + 1);
  return drawn.replaceAll('\t', TAB).replace(UNSAFE, '');
}
