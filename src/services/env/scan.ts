/** Where one assignment stands in the text of a .env. Offsets are in UTF-16 units. */
export interface Entry {
  key: string;
  /** Of `export`, else of the key. */
  start: number;
  keyStart: number;
  /** Of the value as written, with its quotes; equal to `end` when it is empty. */
  valueStart: number;
  end: number;
}

const SPACES = /\s*/y;
const KEY = /[\w.-]+/y;
const LINE_REST = /[^#\r\n]*/y;
const LINE_BREAK = /\r\n?|[\n\u2028\u2029]/g;

/**
 * Every assignment that dotenv sees, in file order, in time linear in the length. It finds what
 * dotenv's one regular expression matches; tests hold the two together on generated files.
 */
export function scan(text: string): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < text.length; ) {
    const start = end(SPACES, text, at);
    const entry = readEntry(text, start);
    if (entry) entries.push(entry);
    at = nextLine(text, entry ? entry.end : start);
  }
  return entries;
}

function readEntry(text: string, start: number): Entry | null {
  if (text.startsWith('export', start)) {
    const keyStart = end(SPACES, text, start + 6);
    const entry = keyStart > start + 6 ? readAssignment(text, start, keyStart) : null;
    if (entry) return entry;
  }
  return readAssignment(text, start, start);
}

function readAssignment(text: string, start: number, keyStart: number): Entry | null {
  const keyEnd = end(KEY, text, keyStart);
  const at = keyEnd > keyStart ? afterSeparator(text, keyEnd) : -1;
  if (at < 0) return null;
  const [valueStart, valueEnd] = readValue(text, at);
  return { key: text.slice(keyStart, keyEnd), start, keyStart, valueStart, end: valueEnd };
}

/** `=`, also on a later line; or `:` with one space, tab or line break after it. */
function afterSeparator(text: string, keyEnd: number): number {
  const equals = end(SPACES, text, keyEnd);
  if (text[equals] === '=') return equals + 1;
  if (text[keyEnd] !== ':' || !/\s/.test(text[keyEnd + 1] ?? '')) return -1;
  return text.startsWith('\r\n', keyEnd + 1) ? keyEnd + 3 : keyEnd + 2;
}

function readValue(text: string, at: number): [number, number] {
  const opening = end(SPACES, text, at);
  if (/['"`]/.test(text[opening] ?? '')) {
    const closing = closingQuote(text, opening);
    if (closing >= 0) return [opening, closing + 1];
  }
  const rest = text.slice(at, end(LINE_REST, text, at));
  const value = rest.trim();
  if (value === '') return [at, at];
  const from = at + rest.length - rest.trimStart().length;
  return [from, from + value.length];
}

/**
 * The quote that ends the value: the first one without a backslash before it, when only blanks or a
 * comment follow on its line; else the last escaped one before it of which that holds; else none.
 */
function closingQuote(text: string, opening: number): number {
  const quote = text[opening] as string;
  const escaped: number[] = [];
  let at = text.indexOf(quote, opening + 1);
  while (at >= 0 && text[at - 1] === '\\') {
    escaped.push(at);
    at = text.indexOf(quote, at + 1);
  }
  if (at >= 0 && endsLine(text, at + 1)) return at;
  return escaped.findLast((candidate) => endsLine(text, candidate + 1)) ?? -1;
}

function endsLine(text: string, at: number): boolean {
  const next = end(SPACES, text, at);
  if (next >= text.length || text[next] === '#') return true;
  return /[\r\n\u2028\u2029]/.test(text.slice(at, next));
}

/** Start of the line after the one that `at` is in. */
export function nextLine(text: string, at: number): number {
  LINE_BREAK.lastIndex = at;
  return LINE_BREAK.test(text) ? LINE_BREAK.lastIndex : text.length;
}

function end(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
