const PLAIN = /^[\x20-\x7E]*$/;

let segmenter: Intl.Segmenter | null = null;

/**
 * Characters as people see them. The tables for it take 7 MB and 10 ms: they are not loaded before
 * there is text that needs them.
 */
export function graphemes(text: string): string[] {
  if (PLAIN.test(text)) return text.split('');
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), (part) => part.segment);
}
