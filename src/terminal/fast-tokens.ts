import {
  type AnsiCode,
  ansiCodesToString,
  diffAnsiCodes,
  reduceAnsiCodesIncremental,
  type StyledChar,
  type Token,
  tokenize as tokenizeAny,
} from '@alcalzone/ansi-tokenize';
import { isSimple, sgrEnd } from './simple-text.ts';

/*
 * The three functions of ansi-tokenize that Ink draws with, and we read its frames with. They give
 * the same, but do not segment text into graphemes where each character is one, and do not compute
 * for every single cell what has not changed since the one before it.
 */

const characters = new Map<string, Token>();
const sequences = new Map<string, Token[]>();

export function tokenize(text: string, endChar?: number): Token[] {
  if (endChar !== undefined) return tokenizeAny(text, endChar);
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; at++) {
    if (isSimple(text.charCodeAt(at))) {
      tokens.push(character(text[at] as string));
      continue;
    }
    const end = sgrEnd(text, at);
    if (end === -1) return tokenizeAny(text);
    tokens.push(...sequence(text.slice(at, end + 1)));
    at = end;
  }
  return tokens;
}

export function styledCharsFromTokens(tokens: Token[]): StyledChar[] {
  const chars: StyledChar[] = [];
  let styles: AnsiCode[] = [];
  for (const token of tokens) {
    if (token.type === 'ansi') styles = reduceAnsiCodesIncremental(styles, [token]);
    else if (token.type === 'char') {
      const { value, fullWidth } = token;
      chars.push({ type: 'char', value, fullWidth, styles });
    }
  }
  return chars;
}

export function styledCharsToString(chars: StyledChar[]): string {
  let text = '';
  let styles: AnsiCode[] = [];
  for (const char of chars) {
    if (!isSame(styles, char.styles)) text += change(styles, char.styles);
    text += char.value;
    styles = char.styles;
  }
  return styles.length === 0 ? text : text + change(styles, []);
}

function change(from: AnsiCode[], to: AnsiCode[]): string {
  return ansiCodesToString(diffAnsiCodes(from, to));
}

function isSame(a: AnsiCode[], b: AnsiCode[]): boolean {
  return a === b || (a.length === 0 && b.length === 0);
}

function character(value: string): Token {
  let token = characters.get(value);
  if (!token) {
    token = { type: 'char', value, fullWidth: false };
    characters.set(value, token);
  }
  return token;
}

/** There are as many of them as there are styles. */
function sequence(sgr: string): Token[] {
  let tokens = sequences.get(sgr);
  if (!tokens) {
    tokens = tokenizeAny(sgr);
    if (sequences.size < 1_000) sequences.set(sgr, tokens);
  }
  return tokens;
}
