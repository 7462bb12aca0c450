/**
 * Characters that are one cell wide, and a grapheme of their own as long as only such ones follow:
 * Latin letters, punctuation, arrows, mathematical signs, borders, blocks, dots, and check marks.
 */
const RANGES: [first: number, last: number][] = [
  [0x20, 0x7e],
  [0xa1, 0xac],
  [0xae, 0x2ff],
  [0x2010, 0x2027],
  [0x2030, 0x205e],
  [0x2190, 0x22ff],
  [0x2500, 0x25fc],
  [0x2713, 0x2718],
  [0x2800, 0x28ff],
];

const TABLE = new Uint8Array(0x2900);
for (const [first, last] of RANGES) TABLE.fill(1, first, last + 1);

export function isSimple(code: number): boolean {
  return TABLE[code] === 1;
}

/** Where the colour sequence that begins at `start` ends (`ESC[1;31m`); -1 if there is none. */
export function sgrEnd(text: string, start: number): number {
  if (text.charCodeAt(start) !== 0x1b || text[start + 1] !== '[') return -1;
  for (let at = start + 2; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x6d) return at;
    const isParameter = (code >= 0x30 && code <= 0x39) || code === 0x3b;
    if (!isParameter) return -1;
  }
  return -1;
}
