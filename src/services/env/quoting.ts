import { READ } from './readers/all.ts';
import { READERS, type Reader } from './readers/reading.ts';

export type Quotes = 'none' | 'single' | 'double' | 'backtick';

/** One way of writing a value that dotenv reads as exactly that value. */
export interface Spelling {
  quotes: Quotes;
  text: string;
  /** Which programs read that value; dotenv is always one of them. */
  readers: Reader[];
}

/** Every such way, the one that Compose and most others understand first; none where there is none. */
export function spellings(value: string): Spelling[] {
  const found = candidates(value).map(({ quotes, text }) => ({
    quotes,
    text,
    readers: READERS.filter((reader) => reads(reader, text) === value),
  }));
  const understood = found.filter(({ readers }) => readers.includes('dotenv'));
  return understood.sort((a, b) => rank(b) - rank(a));
}

function rank({ readers }: Spelling): number {
  return readers.length + (readers.includes('compose') ? READERS.length : 0);
}

export function quotesOf(raw: string): Quotes {
  if (raw.length < 2 || raw.at(-1) !== raw[0]) return 'none';
  return raw[0] === "'"
    ? 'single'
    : raw[0] === '"'
      ? 'double'
      : raw[0] === '`'
        ? 'backtick'
        : 'none';
}

function candidates(value: string): Array<{ quotes: Quotes; text: string }> {
  const onOneLine = value.replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  const all: Array<{ quotes: Quotes; text: string }> = [
    { quotes: 'none', text: value },
    ...(onOneLine === value ? [] : [{ quotes: 'double' as const, text: `"${onOneLine}"` }]),
    { quotes: 'single', text: `'${value}'` },
    { quotes: 'double', text: `"${value}"` },
    { quotes: 'backtick', text: `\`${value}\`` },
  ];
  return all;
}

function reads(reader: Reader, text: string): string | undefined {
  // A line follows, since it would be taken along by a value that does not end where it should.
  const { values } = READ[reader](`K=${text}\nL=\n`);
  return values.get('L') === '' ? values.get('K') : undefined;
}
