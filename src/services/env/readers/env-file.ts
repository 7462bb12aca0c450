import { type EnvReading, Refusal, refusable } from './reading.ts';

const LONGEST_LINE = 65_536;
const INVALID = /\p{Surrogate}/u;

/**
 * Reads as `docker run --env-file` and `docker stack deploy` do: one line is one variable, and
 * everything after `=` is its value as it stands, with quotes, comments and trailing blanks.
 */
export function readEnvFile(text: string): EnvReading {
  return refusable((values, inherited) => {
    const lines = text.split('\n');
    for (const [index, whole] of lines.entries()) {
      const number = index + 1;
      const bytes = whole.length * 3 < LONGEST_LINE ? 0 : Buffer.byteLength(whole);
      if (bytes >= LONGEST_LINE) throw new Refusal(number, 'a line is longer than 64 KiB');
      if (INVALID.test(whole)) throw new Refusal(number, 'a byte is not UTF-8');
      const line = trimGoSpace(withoutBom(whole.replace(/\r$/, ''), index));
      if (line !== '' && !line.startsWith('#')) readLine(line, number, values, inherited);
    }
  });
}

/** Swarm takes values for Go templates, so that two braces stand for something else or for an error. */
export function readStack(text: string): EnvReading {
  const reading = readEnvFile(text);
  const template = [...reading.values].find(([, value]) => value.includes('{{'));
  if (!template) return reading;
  const [name, value] = template;
  const line = text.slice(0, text.lastIndexOf(`${name}=${value}`)).split('\n').length;
  const refused = { line, why: 'two opening braces begin a template in Docker Swarm' };
  return { values: new Map(), inherited: new Set(), refused };
}

function readLine(
  line: string,
  number: number,
  values: Map<string, string>,
  inherited: Set<string>,
): void {
  const equals = line.indexOf('=');
  const name = equals < 0 ? line : line.slice(0, equals);
  if (/[ \t]/.test(name)) throw new Refusal(number, 'the name has a blank in it (“export”?)');
  if (name === '') throw new Refusal(number, 'there is no name before “=”');
  if (equals >= 0) values.set(name, line.slice(equals + 1));
  else inherited.add(name);
}

function withoutBom(line: string, index: number): string {
  return index === 0 && line.startsWith('\ufeff') ? line.slice(1) : line;
}

/** What Go's unicode.IsSpace counts, which is not what `\s` counts. */
export const GO_SPACE =
  '\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const LEADING = new RegExp(`^[${GO_SPACE}]+`);

function trimGoSpace(line: string): string {
  return line.replace(LEADING, '');
}
