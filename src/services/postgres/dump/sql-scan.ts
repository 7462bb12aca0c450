/** One token of SQL. `name` is a quoted identifier, `word` a bare word, `string` any kind of literal. */
export interface Token {
  kind: 'space' | 'comment' | 'string' | 'name' | 'word' | 'symbol';
  start: number;
  end: number;
}

const SPACE = /\s+/y;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;

/** Splits SQL as PostgreSQL's lexer does, as far as quotes and comments go. Never throws. */
export function* scan(sql: string): Generator<Token> {
  let at = 0;
  let escapes = false;
  while (at < sql.length) {
    const token = next(sql, at, escapes);
    // E'…' is a word and a string side by side; in it a backslash escapes.
    escapes = token.kind === 'word' && /^e$/i.test(sql.slice(token.start, token.end));
    at = token.end;
    yield token;
  }
}

function next(sql: string, start: number, escapes: boolean): Token {
  const space = match(SPACE, sql, start);
  if (space) return { kind: 'space', start, end: space };
  const word = match(WORD, sql, start);
  if (word) return { kind: 'word', start, end: word };
  const two = sql.slice(start, start + 2);
  if (two === '--') return { kind: 'comment', start, end: orEnd(sql.indexOf('\n', start), sql) };
  if (two === '/*') return { kind: 'comment', start, end: blockEnd(sql, start) };
  if (two[0] === "'") return { kind: 'string', start, end: quoteEnd(sql, start, "'", escapes) };
  if (two[0] === '"') return { kind: 'name', start, end: quoteEnd(sql, start, '"', false) };
  const opened = match(DOLLAR, sql, start);
  if (!opened) return { kind: 'symbol', start, end: start + 1 };
  const tag = sql.slice(start, opened);
  const closed = sql.indexOf(tag, opened);
  return { kind: 'string', start, end: closed < 0 ? sql.length : closed + tag.length };
}

function match(pattern: RegExp, sql: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : null;
}

function orEnd(index: number, sql: string): number {
  return index < 0 ? sql.length : index;
}

/** A doubled quote stands for one, which reads as two literals side by side: the end is the same. */
function quoteEnd(sql: string, start: number, quote: string, escapes: boolean): number {
  for (let at = start + 1; at < sql.length; at += 1) {
    if (escapes && sql[at] === '\\') at += 1;
    else if (sql[at] === quote && sql[at + 1] === quote) at += 1;
    else if (sql[at] === quote) return at + 1;
  }
  return sql.length;
}

/** Comments of this kind nest. */
function blockEnd(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at += 1) {
    const two = sql.slice(at, at + 2);
    if (two === '/*') depth += 1;
    if (two === '*/') depth -= 1;
    if (two === '/*' || two === '*/') at += 1;
    if (depth === 0) return at + 1;
  }
  return sql.length;
}

/**
 * The statements of `sql` without comments around them. Not for functions with a body in
 * `BEGIN ATOMIC`, whose semicolons are within.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let begun: number | null = null;
  let end = 0;
  for (const token of scan(sql)) {
    if (token.kind === 'space' || token.kind === 'comment') continue;
    begun ??= token.start;
    end = token.end;
    if (sql.slice(token.start, token.end) !== ';') continue;
    statements.push(sql.slice(begun, end));
    begun = null;
  }
  if (begun !== null) statements.push(sql.slice(begun, end));
  return statements;
}

/** The tokens that mean something, as text. */
export function words(sql: string): string[] {
  return [...scan(sql)]
    .filter(({ kind }) => kind !== 'space' && kind !== 'comment')
    .map(({ start, end }) => sql.slice(start, end));
}
