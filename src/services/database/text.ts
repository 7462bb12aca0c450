// C0 and C1 controls would reach the terminal as commands; bidi marks would reorder the line.
const UNSAFE = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;

/** Text of another's making as one harmless line of at most `most` characters. */
export function oneLine(text: string, most = 200): string {
  const line = text.replace(UNSAFE, ' ').replace(/\s+/g, ' ').trim();
  const characters = [...line];
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join('')}…`;
}
