import { graphemes } from '../state/graphemes.ts';

/** What was read from the keyboard: one key, as Ink understands it, or text pasted at once. */
export type Input = { kind: 'key'; key: string } | { kind: 'paste'; text: string };

const ESC = '\x1b';
const PASTE_START = '\x1b[200~';
const PASTE_END = '\x1b[201~';
/** More than this in one paste is cut off. */
const PASTE_LIMIT = 1_000_000;
/** So many different characters at once were not typed, on a terminal that does not mark pastes. */
const UNMARKED_PASTE = 24;

/** Escape alone, as a sequence of its own, so that Ink need not guess whether more follows. */
const ESCAPE_KEY = '\x1b[27u';

/**
 * The sequences that Ink has a name for, with modifiers. It shows others as text, and those with
 * Ctrl (`ESC[99;5~`) end the program.
 */
const NAMED_KEYS = [
  /^\x1b\[(1;\d+)?[ABCDFH]$/,
  /^\x1bO[ABCDFHPQRS]$/,
  /^\x1b\[Z$/,
  /^\x1b\[([1-8]|1[1-57-9]|2[0134])(;\d+)?~$/,
  /^\x1b\[\[[A-E]$/,
  /^\x1b\[[abcd]$/,
  /^\x1bO[abcd]$/,
];

/** CSI, also with the Linux console's second bracket; SS3; and strings that end with BEL or ST. */
const CSI = /^\x1b\[\[?[0-?]*[ -/]*[@-~]/;
const CSI_BEGUN = /^\x1b\[\[?[0-?]*[ -/]*$/;
const MOUSE = /^\x1b\[M[\s\S]{3}/;
const MOUSE_BEGUN = /^\x1b\[M[\s\S]{0,2}$/;
const SS3 = /^\x1bO[ -~]/;
const STRING = /^\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\|(?=\x1b))/;
const STRING_BEGUN = /^\x1b[\]P_^X][^\x07\x1b]*\x1b?$/;
/** Alt with a key. */
const META = /^\x1b[a-zA-Z0-9\r\b\x7f]/;

/**
 * Takes the terminal's bytes apart. A sequence that is not complete yet is kept; `flush` says that
 * nothing more comes of it.
 */
export class KeyReader {
  private rest = '';

  /** What `text`, with the rest of what was read before, holds in full. */
  read(text: string): Input[] {
    const unmarked = this.rest === '' ? unmarkedPaste(text) : null;
    if (unmarked) return [unmarked];
    this.rest += text;
    const inputs: Input[] = [];
    while (this.rest !== '') {
      const length = this.next(inputs);
      if (length === 0) break;
      this.rest = this.rest.slice(length);
    }
    return inputs;
  }

  /** How long the rest may wait for more, in ms; null when there is none. */
  get patience(): number | null {
    if (this.rest === '') return null;
    if (this.rest === ESC) return 50;
    return this.rest.startsWith(PASTE_START) ? 2_000 : 500;
  }

  /** The rest is all there is: Escape is the key, a paste is what has come, all else is nothing. */
  flush(): Input[] {
    const { rest } = this;
    this.rest = '';
    if (rest === ESC) return [{ kind: 'key', key: ESCAPE_KEY }];
    return rest.startsWith(PASTE_START) ? pasted(rest.slice(PASTE_START.length)) : [];
  }

  /** Adds what the rest begins with and gives its length; 0 when more is needed. */
  private next(inputs: Input[]): number {
    const { rest } = this;
    if (rest.startsWith(PASTE_START)) return this.nextPaste(inputs);
    if (rest.startsWith(ESC)) return this.nextSequence(inputs);
    const end = rest.indexOf(ESC);
    const plain = end === -1 ? rest : rest.slice(0, end);
    for (const grapheme of graphemes(plain)) inputs.push(...keysOf(grapheme));
    return plain.length;
  }

  private nextPaste(inputs: Input[]): number {
    const end = this.rest.indexOf(PASTE_END, PASTE_START.length);
    if (end === -1) {
      if (this.rest.length > 2 * PASTE_LIMIT) {
        // The last characters may be the beginning of the end.
        this.rest = this.rest.slice(0, PASTE_LIMIT) + this.rest.slice(-PASTE_END.length);
      }
      return 0;
    }
    inputs.push(...pasted(this.rest.slice(PASTE_START.length, end)));
    return end + PASTE_END.length;
  }

  private nextSequence(inputs: Input[]): number {
    const { rest } = this;
    const begun = [CSI_BEGUN, MOUSE_BEGUN, STRING_BEGUN].some((pattern) => pattern.test(rest));
    if (begun || rest === ESC || rest === `${ESC}O`) return 0;
    const whole = MOUSE.exec(rest) ?? CSI.exec(rest) ?? SS3.exec(rest) ?? STRING.exec(rest);
    if (whole) {
      const [key] = whole;
      if (NAMED_KEYS.some((pattern) => pattern.test(key))) inputs.push({ kind: 'key', key });
      return key.length;
    }
    if (/^\x1b[[O]/.test(rest)) return 2;
    const [meta] = META.exec(rest) ?? [];
    inputs.push({ kind: 'key', key: meta?.replace('\x7f', '\b') ?? ESCAPE_KEY });
    return meta ? 2 : 1;
  }
}

/** Return is `\r`, Backspace `\b` (Ink takes DEL for the Delete key); other controls are no keys. */
function keysOf(grapheme: string): Input[] {
  if (grapheme === '\r\n' || grapheme === '\n') return [{ kind: 'key', key: '\r' }];
  if (grapheme === '\x7f') return [{ kind: 'key', key: '\b' }];
  const code = grapheme.charCodeAt(0);
  const isKey = (code >= 0x01 && code <= 0x1a) || code >= 0xa0 || (code >= 0x20 && code < 0x7f);
  return isKey ? [{ kind: 'key', key: grapheme }] : [];
}

function pasted(raw: string): Input[] {
  const text = raw
    .slice(0, PASTE_LIMIT)
    .replace(/\r\n?/g, '\n')
    .replace(/\x1b\[[0-?]*[ -/]*[@-~]/g, '')
    .replace(/[^\P{Cc}\n\t]/gu, '');
  return text === '' ? [] : [{ kind: 'paste', text }];
}

function unmarkedPaste(text: string): Input | null {
  if (text.length < UNMARKED_PASTE || text.includes(ESC)) return null;
  return new Set(text).size > 2 ? (pasted(text)[0] ?? null) : null;
}
