const TWINS: Record<string, string> = {
  '●': '*',
  '▲': '!',
  '✖': 'x',
  '○': 'o',
  '◌': '.',
  '≈': '~',
  '✓': '+',
  '✔': '+',
  '›': '>',
  '‹': '<',
  '→': '>',
  '←': '<',
  '↑': '^',
  '↓': 'v',
  '…': '.',
  '·': '-',
  '•': '*',
  '–': '-',
  '—': '-',
  '“': '"',
  '”': '"',
  '‘': "'",
  '’': "'",
};

const BLOCK_LEVELS = '_.:-=+*#';

/**
 * The nearest ASCII for a terminal that shows nothing else, as wide as the original. Screens choose
 * their signs by themselves; this catches borders and what comes from outside, such as names.
 */
export function toAscii(grapheme: string, width: number): string {
  const code = grapheme.codePointAt(0) ?? 0;
  return (TWINS[grapheme] ?? boxTwin(code) ?? letterTwin(grapheme)).padEnd(width, '?');
}

function boxTwin(code: number): string | undefined {
  if (code >= 0x2581 && code <= 0x2588) return BLOCK_LEVELS[code - 0x2581];
  if (code >= 0x2589 && code <= 0x258f) return '#';
  if (code >= 0x2591 && code <= 0x2593) return ':';
  if (code < 0x2500 || code > 0x257f) return undefined;
  if ([0x2500, 0x2501, 0x2504, 0x2505, 0x2508, 0x2509, 0x254c, 0x254d].includes(code)) return '-';
  if ([0x2502, 0x2503, 0x2506, 0x2507, 0x250a, 0x250b, 0x254e, 0x254f].includes(code)) return '|';
  if (code === 0x2550) return '=';
  return code === 0x2551 ? '|' : '+';
}

/** `é` is better read as `e` than as a question mark. */
function letterTwin(grapheme: string): string {
  const base = grapheme.normalize('NFD')[0] ?? '';
  return base >= ' ' && base <= '~' ? base : '?';
}
