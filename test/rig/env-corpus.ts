// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of .env files.
import fc from 'fast-check';

/** What the real tools made of one file: the variables, or null where they refused it. */
export interface EnvCase {
  text: string;
  compose: Record<string, string> | null;
  run: Record<string, string> | null;
  stack: Record<string, string> | null;
}

const key = fc.constantFrom('A', 'B', 'KEY', 'KEY_2', 'my.key', 'my-key', '1X', 'é');
const blank = fc.constantFrom('', '', '', ' ', '  ', '\t');
const piece = fc.constantFrom(
  ...['x', 'foo', 'a b', '0', ' ', '  ', '#', ' #', ' # note', "'", '"', '`', '\\', '\\n', '\\t'],
  ...['\\"', "\\'", '\\\\', '\\$', '\\r', '\\0101', '\\07', '\\c', '$', '$$', '$A', '$B', '${A}'],
  ...['${B:-d}', '${NO:-d}', '${NO-}', '${A:+y}', '${NO:?need it}', '${', '}', '$1', '=', ':', 'é'],
  ...['😀', ',', '{"a":1}', 'https://u:p@h/d?q=1#f', '\u00a0', '!', '%', '&', '-', '${A}${B}'],
);
const inner = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
const value = fc.oneof(
  { weight: 3, arbitrary: inner },
  { weight: 2, arbitrary: inner.map((text) => `'${text}'`) },
  { weight: 3, arbitrary: inner.map((text) => `"${text}"`) },
  { weight: 1, arbitrary: inner.map((text) => `\`${text}\``) },
  { weight: 1, arbitrary: fc.tuple(inner, inner).map(([a, b]) => `"${a}\n${b}"`) },
  { weight: 1, arbitrary: fc.tuple(inner, inner).map(([a, b]) => `'${a}\n${b}'`) },
);
const comment = fc.constantFrom('', '', ' ', ' # comment', '#comment');
const tidy = fc.tuple(key, fc.constant('='), value, comment).map((parts) => parts.join(''));
const odd = fc
  .tuple(
    blank,
    fc.constantFrom('', 'export ', 'export\t'),
    fc.tuple(key, blank, fc.constantFrom('=', '=', ':', ': '), blank, value, comment),
  )
  .map((parts) => parts.flat().join(''));
const line = fc.oneof(
  { weight: 8, arbitrary: tidy },
  { weight: 2, arbitrary: odd },
  { weight: 1, arbitrary: fc.constantFrom('', '# comment', '  # A=1', 'A', 'NAME_ONLY', '=x') },
);
const lines = (each: fc.Arbitrary<string>) =>
  fc.array(fc.tuple(each, fc.constantFrom('\n', '\n', '\n', '\r\n')), {
    minLength: 1,
    maxLength: 3,
  });

/** A file of a few lines as people write them, and as they should not. */
export const envText = fc
  .tuple(fc.nat(15), fc.oneof(lines(tidy), lines(line)), fc.nat(2))
  .map(([bom, pairs, open]) => {
    const text = (bom === 9 ? '\ufeff' : '') + pairs.flat().join('');
    return open === 1 ? text.replace(/\r?\n$/, '') : text;
  });

/** The same `count` different files every time. */
export function corpusTexts(count: number): string[] {
  const texts = new Set<string>();
  for (let seed = 1; texts.size < count; seed += 1) {
    for (const text of fc.sample(envText, { seed, numRuns: count })) {
      if (texts.size < count) texts.add(text);
    }
  }
  return [...texts];
}
