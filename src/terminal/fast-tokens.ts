import {
  type AnsiCode,
  ansiCodesToString,
  type Char,
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

/** The same character in the same style is the same object: a frame has thousands, in few kinds. */
export function styledCharsFromTokens(tokens: Token[]): StyledChar[] {
  const chars: StyledChar[] = [];
  let look = plainLook();
  for (const token of tokens) {
    if (token.type === 'ansi') look = nextLook(look, token);
    else if (token.type === 'char') chars.push(styledChar(look, token));
  }
  return chars;
}

interface Look {
  styles: AnsiCode[];
  chars: Map<string, StyledChar>;
  /** What it becomes with one more code. */
  next: Map<string, Look>;
}

const KEPT_LOOKS = 500;
const KEPT_CHARS = 500;

let looks = new Map<string, Look>();

function plainLook(): Look {
  // More than this no screen shows at once: it must be pictures, or noise.
  if (looks.size > KEPT_LOOKS) looks = new Map();
  return lookOf([]);
}

function nextLook(look: Look, code: AnsiCode): Look {
  let next = look.next.get(code.code);
  if (!next) {
    next = lookOf(reduceAnsiCodesIncremental(look.styles, [code]));
    look.next.set(code.code, next);
  }
  return next;
}

function lookOf(styles: AnsiCode[]): Look {
  const key = styles.map(({ code }) => code).join('');
  let look = looks.get(key);
  if (!look) {
    look = { styles, chars: new Map(), next: new Map() };
    looks.set(key, look);
  }
  return look;
}

function styledChar({ chars, styles }: Look, { value, fullWidth }: Char): StyledChar {
  let char = chars.get(value);
  if (!char) {
    if (chars.size > KEPT_CHARS) chars.clear();
    char = { type: 'char', value, fullWidth, styles };
    chars.set(value, char);
  }
  return char;
}

export function styledCharsToString(chars: StyledChar[]): string {
  const parts: string[] = [];
  let styles: AnsiCode[] = [];
  for (const char of chars) {
    if (!isSame(styles, char.styles)) parts.push(change(styles, char.styles));
    parts.push(char.value);
    styles = char.styles;
  }
  if (styles.length > 0) parts.push(change(styles, []));
  return parts.join('');
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
