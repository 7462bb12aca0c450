import { Secret } from '../model/secret.ts';
import { graphemes } from './graphemes.ts';

/** One line of text being typed; `cursor` counts characters as people see them (graphemes). */
export interface Field {
  text: string;
  cursor: number;
}

/** The same for what must not be seen: neither JSON nor a printed state holds its text. */
export class SecretField implements Field {
  readonly secret: Secret;
  readonly cursor: number;

  constructor(text: string, cursor = graphemes(text).length) {
    this.secret = new Secret(text);
    this.cursor = cursor;
  }

  get text(): string {
    return this.secret.reveal();
  }
}

export const emptyField: Field = { text: '', cursor: 0 };

export function fieldOf(text: string): Field {
  return { text, cursor: graphemes(text).length };
}

/** Only the first line of what was pasted, and nothing that a terminal would act upon. */
export function insert(field: Field, pasted: string): Field {
  const line = pasted.replace(/^[\r\n]+/, '').split(/[\r\n]/)[0] ?? '';
  const clean = graphemes(line.replace(/\p{Cc}/gu, ''));
  const parts = graphemes(field.text);
  parts.splice(field.cursor, 0, ...clean);
  return like(field, parts.join(''), field.cursor + clean.length);
}

/** What was secret stays so. */
function like(field: Field, text: string, cursor: number): Field {
  return field instanceof SecretField ? new SecretField(text, cursor) : { text, cursor };
}

/** The field after an editing key; null when `key` edits nothing. */
export function edit(field: Field, key: string): Field | null {
  const parts = graphemes(field.text);
  const { cursor } = field;
  const cut = (from: number, to: number): Field =>
    like(field, [...parts.slice(0, from), ...parts.slice(to)].join(''), from);
  const at = (place: number): Field => like(field, field.text, place);
  switch (key) {
    // Terminals send 0x7f for Backspace, which Ink names “delete”: both delete to the left.
    case 'backspace':
    case 'delete':
      return cut(Math.max(0, cursor - 1), cursor);
    case 'ctrl+u':
      return cut(0, cursor);
    case 'ctrl+k':
      return cut(cursor, parts.length);
    case 'ctrl+w':
      return cut(wordStart(parts, cursor), cursor);
    case 'left':
      return at(Math.max(0, cursor - 1));
    case 'right':
      return at(Math.min(parts.length, cursor + 1));
    case 'home':
    case 'ctrl+a':
      return at(0);
    case 'end':
    case 'ctrl+e':
      return at(parts.length);
    default:
      return null;
  }
}

function wordStart(parts: string[], cursor: number): number {
  let start = cursor;
  while (start > 0 && parts[start - 1] === ' ') start -= 1;
  while (start > 0 && parts[start - 1] !== ' ') start -= 1;
  return start;
}
