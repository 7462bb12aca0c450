import { oneLine } from '../database/text.ts';

// In this order: what begins earlier decides. A text cut off by the server may end inside of any.
const TOKENS = new RegExp(
  [
    String.raw`--[^\n]*`, // comment to the end of the line
    String.raw`/\*[\s\S]*?(?:\*/|$)`, // comment; behind a nested one nothing is shown
    String.raw`\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$`, // opens a dollar-quoted literal
    String.raw`(?:\b(?:e|b|x|n|u&))?'`, // opens a literal
    '"(?:[^"]|"")*(?:"|$)', // quoted name
    String.raw`\$\d+`, // parameter
    String.raw`[\p{L}_][\p{L}\p{N}_$]*`, // word
    String.raw`(?:\d[\w.]*|\.\d[\w]*)(?:(?<=[eE])[+-]\d+)?`, // number
  ].join('|'),
  'giu',
);

/**
 * What kind of query `sql` is, without anybody's data: literals become `?`, comments go, one line of
 * at most 200 characters. Whatever might be a value is hidden rather than shown. The text may be cut
 * off anywhere, which no parser of SQL takes.
 */
export function shapeOfSql(sql: string): string {
  let shape = '';
  let at = 0;
  TOKENS.lastIndex = 0;
  for (let match = TOKENS.exec(sql); match; match = TOKENS.exec(sql)) {
    shape += sql.slice(at, match.index);
    const [replaced, end] = replace(match[0], sql, TOKENS.lastIndex);
    shape += replaced;
    at = end;
    TOKENS.lastIndex = end;
  }
  return oneLine(shortenLists(hideSettings(shape + sql.slice(at))));
}

/** What stands for the token that ends at `end`, and where the text goes on. */
function replace(token: string, sql: string, end: number): [string, number] {
  if (token.startsWith('--')) return [' ', end];
  if (token.startsWith('/*')) return token.includes('/*', 2) ? [' …', sql.length] : [' ', end];
  if (token.endsWith('$') && token.startsWith('$')) return ['?', after(sql, token, end)];
  if (token.endsWith("'")) return ['?', endOfLiteral(sql, end, /^e/i.test(token))];
  return [/^[.\d]/.test(token) ? '?' : token, end];
}

function after(sql: string, tag: string, from: number): number {
  const close = sql.indexOf(tag, from);
  return close < 0 ? sql.length : close + tag.length;
}

/**
 * A backslash before a quote ends a plain literal on one server and goes on with it on another; read
 * the wrong way, the next literal would be shown. So nothing behind it is.
 */
function endOfLiteral(sql: string, from: number, escapes: boolean): number {
  for (let at = from; at < sql.length; at += 1) {
    const ch = sql[at];
    if (ch === '\\' && escapes) at += 1;
    else if (ch === '\\' && sql[at + 1] === "'") return sql.length;
    else if (ch === "'" && sql[at + 1] === "'") at += 1;
    else if (ch === "'") return at + 1;
  }
  return sql.length;
}

/** `set app.token = abc` takes bare words as values, and so does `alter role … set`. */
function hideSettings(shape: string): string {
  return shape.replace(
    /((?:^|;)\s*(?:set|alter\b[^;]*?\sset)\s+(?:(?:local|session)\s+)?[^\s=;]+)(?:\s+to\s|\s*=)[^;]*/gi,
    '$1 = ?',
  );
}

function shortenLists(shape: string): string {
  return shape.replace(/\?(?:\s*,\s*\?)+/g, '?, …').replace(/(\([^()]*\))(?:\s*,\s*\1)+/g, '$1, …');
}
