import fc from 'fast-check';

/** Cases of each property: a few for every run, `npm run test:soak` asks for many. */
export const CASES = Number(process.env.PORTSYNC_CASES ?? 800);

/** How long `cases` of them may take on a slow machine. */
export const PROPERTY_MS = 20_000 + CASES * 10;

const atoms = [
  ...[
    'A',
    'B',
    'KEY',
    'export',
    'export ',
    '=',
    '=',
    ':',
    ': ',
    ' ',
    '\t',
    '\n',
    '\n',
    '\r',
    '\r\n',
  ],
  ...['#', "'", '"', '`', '\\', '\\n', '\\"', "\\'", 'x', 'foo', '.', '-', '_', '\u2028', '\u2029'],
  ...['\u00a0', '\ufeff', '$', '{', '}', 'é', '😀', '0', '__proto__', '\0'],
];

/** Anything that can stand in a file, mostly what a reader of .env files could trip over. */
export const anyText = fc.array(fc.constantFrom(...atoms), { maxLength: 40 }).map(join);

export const anyBytes = fc
  .array(
    fc.oneof(
      fc.constantFrom(...atoms).map((atom) => Buffer.from(atom)),
      fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
    ),
    { maxLength: 25 },
  )
  .map((pieces) => Buffer.concat(pieces));

/** Values as people have them, and awkward ones. */
export const anyValue = fc.oneof(
  fc.array(fc.constantFrom(...atoms.filter((atom) => atom !== '\0')), { maxLength: 8 }).map(join),
  fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0')),
);

const plain = fc.stringMatching(/^[\w.:/@+-]{0,12}$/);
const written = fc.oneof(
  plain,
  plain.map((text) => `'${text} #$ '`),
  plain.map((text) => `"${text}\\n\\"${text}"`),
  fc.tuple(plain, plain).map(([a, b]) => `"${a}\n${b}"`),
  plain.map((text) => `\`${text}"'\``),
);
const line = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('', '   ', '# note', '#A=old', '\t# it’s a note') },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom('', '', ' ', 'export '),
        fc.constantFrom('A', 'B', 'C', 'D_1'),
        fc.constantFrom('=', '=', ' = ', ': '),
        written,
        fc.constantFrom('', '  ', ' # note'),
      )
      .map((parts) => parts.join('')),
  },
);

/** A file that is in order: any style, but every quote closed and every line an assignment. */
export const tidyText = fc
  .tuple(
    fc.constantFrom('', '', '\ufeff'),
    fc.array(line, { maxLength: 8 }),
    fc.constantFrom('\n', '\n', '\r\n'),
    fc.boolean(),
  )
  .map(([bom, lines, eol, open]) => {
    const text = lines.map((each) => each.replaceAll('\n', eol) + eol).join('');
    return bom + (open && text.endsWith(eol) ? text.slice(0, -eol.length) : text);
  });

function join(pieces: readonly string[]): string {
  return pieces.join('');
}
