import { GO_SPACE } from './env-file.ts';
import { type EnvReading, Refusal, refusable } from './reading.ts';
import { substitute } from './template.ts';

/** Blanks within a line as Compose counts them: a carriage return is one. */
const BLANK = '[\\t\\v\\f\\r \\x85\\xa0]';
const BLANKS = new RegExp(`${BLANK}*`, 'y');
const BETWEEN_STATEMENTS = new RegExp(`(?:[${GO_SPACE}]|#[^\\n]*)*`, 'y');
const EXPORT = /export(?=[\t\n\f\r ])/y;
const NAME = new RegExp(`(?:${BLANK}|[_.\\-\\[\\]\\p{L}\\p{N}])*`, 'uy');
const TRAILING_SPACE = new RegExp(`[${GO_SPACE}]+$`);
const ESCAPE = /\\(?:[abcfnrtv$"\\]|0\d{0,3})/g;
const LETTER_ESCAPES: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  // Left for the substitution, where two of them stand for one.
  $: '$$',
};

type LookUp = (name: string) => string | undefined;

/**
 * Reads as Docker Compose does, from an env_file or as the project's .env. `shell` is the
 * environment that Compose runs in, which wins over the file where `$NAME` is replaced.
 */
export function readCompose(text: string, shell: ReadonlyMap<string, string> = new Map()) {
  return refusable((values, inherited) => {
    const lookUp: LookUp = (name) => shell.get(name) ?? values.get(name);
    const cursor = new Cursor(text.startsWith('\ufeff') ? text.slice(1) : text);
    while (cursor.skip(BETWEEN_STATEMENTS) && !cursor.done()) {
      const { name, alone } = readName(cursor);
      const value = alone ? shell.get(name) : readValue(cursor, lookUp);
      if (value !== undefined) values.set(name, value);
      else if (name !== '') inherited.add(name);
    }
  }) satisfies EnvReading;
}

function readName(cursor: Cursor): { name: string; alone: boolean } {
  if (cursor.found(EXPORT)) cursor.skip(BLANKS);
  const start = cursor.at;
  cursor.skip(NAME);
  const stop = cursor.text[cursor.at];
  if (stop === undefined) return namelessRest(cursor, start);
  if (stop !== '=' && stop !== ':' && stop !== '\n') {
    throw cursor.refusal('a name has a character in it that Compose does not take');
  }
  const name = cursor.text.slice(start, cursor.at).replace(TRAILING_SPACE, '');
  if (name.includes(' ')) throw cursor.refusal('a name has a blank in it');
  cursor.at += 1;
  cursor.skip(BLANKS);
  return { name, alone: stop === '\n' };
}

/** A last line without `=` and without a line feed: Compose takes it for the value of no name. */
function namelessRest(cursor: Cursor, start: number): { name: string; alone: boolean } {
  if (start === cursor.at) throw cursor.refusal('“export” has no name after it');
  cursor.at = start;
  return { name: '', alone: false };
}

function readValue(cursor: Cursor, lookUp: LookUp): string {
  const quote = cursor.text[cursor.at];
  if (quote === "'") return readQuoted(cursor, quote);
  if (quote === '"') return expand(cursor, withEscapes(readQuoted(cursor, quote)), lookUp);
  const start = cursor.at;
  cursor.at = endOfLine(cursor.text, start);
  const line = cursor.text.slice(start, cursor.at).split(' #', 1)[0] ?? '';
  return expand(cursor, line.replace(TRAILING_SPACE, ''), lookUp);
}

/** Up to the next `quote` without a backslash before it; a backslash before anything else stays. */
function readQuoted(cursor: Cursor, quote: string): string {
  let value = '';
  let escaped = false;
  for (let at = cursor.at + 1; at < cursor.text.length; at += 1) {
    const char = cursor.text[at] as string;
    if (char === quote && !escaped) {
      cursor.at = at + 1;
      return value;
    }
    if (char === '\\' && !escaped) {
      escaped = true;
    } else {
      value += escaped && char !== quote ? `\\${char}` : char;
      escaped = false;
    }
  }
  throw cursor.refusal('a quote is not closed');
}

function withEscapes(value: string): string {
  return value.replace(ESCAPE, (match) => {
    const letter = match[1] as string;
    if (letter !== '0') return LETTER_ESCAPES[letter] ?? match;
    // Only three digits after the zero are a character; otherwise the zero alone is lost.
    const digits = match.slice(2);
    const code = /^[0-7]{3}$/.test(digits) ? Number.parseInt(digits, 8) : 256;
    return code < 256 ? String.fromCharCode(code) : `\\${digits}`;
  });
}

function expand(cursor: Cursor, value: string, lookUp: LookUp): string {
  return substitute(value, lookUp, (why) => cursor.refusal(why));
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

class Cursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  done(): boolean {
    return this.at >= this.text.length;
  }

  found(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.test(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  /** Always true: skipping nothing is fine. */
  skip(pattern: RegExp): boolean {
    this.found(pattern);
    return true;
  }

  refusal(why: string): Refusal {
    return new Refusal(this.text.slice(0, this.at).split('\n').length, why);
  }
}
