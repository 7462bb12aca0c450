/** Three by five squares each. Two cells make a square on a terminal. */
const SHAPES: Record<string, readonly string[]> = {
  '0': ['###', '# #', '# #', '# #', '###'],
  '1': [' # ', '## ', ' # ', ' # ', '###'],
  '2': ['###', '  #', '###', '#  ', '###'],
  '3': ['###', '  #', ' ##', '  #', '###'],
  '4': ['# #', '# #', '###', '  #', '  #'],
  '5': ['###', '#  ', '###', '  #', '###'],
  '6': ['###', '#  ', '###', '# #', '###'],
  '7': ['###', '  #', '  #', '  #', '  #'],
  '8': ['###', '# #', '###', '# #', '###'],
  '9': ['###', '# #', '###', '  #', '###'],
  '.': [' ', ' ', ' ', ' ', '#'],
  '–': ['   ', '   ', '###', '   ', '   '],
};

export const DIGIT_ROWS = 5;

/** A number that can be read across the room: rows from the top, all of one width. */
export function largeDigits(text: string): string[] {
  const shapes = Array.from(text, (char) => SHAPES[char] ?? []);
  return Array.from({ length: DIGIT_ROWS }, (_row, row) =>
    shapes.map((shape) => square(shape[row] ?? '')).join('  '),
  );
}

function square(line: string): string {
  return Array.from(line, (sign) => (sign === '#' ? '██' : '  ')).join('');
}
