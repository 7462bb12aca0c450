type LookUp = (name: string) => string | undefined;
type Fail = (why: string) => Error;

// Compose matches names without regard to case, so the long s and the Kelvin sign count as letters.
const WORD = '[_a-zA-Z\\u017f\\u212a][_a-zA-Z0-9\\u017f\\u212a]*';
const REFERENCE = new RegExp(
  `\\$(?:(?<escaped>\\$)|(?<named>${WORD})|\\{(?:(?<braced>${WORD}(?::?[-+?][^\\n]*)?)\\}|(?<invalid>)))`,
  'g',
);
const OPERATOR = /:?[-+?]/;

/**
 * Replaces `$NAME`, `${NAME}` and `${NAME:-default}` (also `-`, `:+`, `+`, `:?`, `?`) as Compose does;
 * `$$` is one dollar sign. Unknown names become empty.
 */
export function substitute(text: string, lookUp: LookUp, fail: Fail): string {
  return text.replace(REFERENCE, (match) => replacement(match, lookUp, fail));
}

/** `match` may hold more than one reference: its default is matched up to the last brace there is. */
function replacement(match: string, lookUp: LookUp, fail: Fail): string {
  const closing = closingBrace(match);
  const own = closing < 0 ? match : match.slice(0, closing + 1);
  const rest = closing < 0 ? '' : match.slice(closing + 1);
  const groups = firstReference(own);
  if (groups?.escaped) return '$';
  if (groups?.named) return lookUp(groups.named) ?? '';
  if (!groups?.braced)
    throw fail('a dollar sign and a brace have no name and closing brace after them');
  const operator = OPERATOR.exec(groups.braced)?.[0];
  if (!operator) return lookUp(groups.braced) ?? '';
  const value = withOperator(groups.braced, operator, lookUp, fail);
  return value + substitute(rest, lookUp, fail);
}

function withOperator(braced: string, operator: string, lookUp: LookUp, fail: Fail): string {
  const at = braced.indexOf(operator);
  const value = lookUp(braced.slice(0, at));
  const word = substitute(braced.slice(at + operator.length), lookUp, fail);
  const set = value !== undefined && !(operator.startsWith(':') && value === '');
  if (operator.endsWith('+')) return set ? word : (value ?? '');
  if (set) return value;
  if (operator.endsWith('?')) throw fail('a variable that it requires is not set');
  return word;
}

function firstReference(text: string): Record<string, string | undefined> | undefined {
  return new RegExp(REFERENCE.source).exec(text)?.groups;
}

/** Where Compose ends a reference: it counts braces, and never looks at the character after a “{”. */
function closingBrace(text: string): number {
  let open = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '}') {
      open -= 1;
      if (open === 0) return at;
    } else if (text[at] === '{') {
      open += 1;
      at += 1;
    }
  }
  return -1;
}
