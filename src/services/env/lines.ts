import { diffArrays } from 'diff';
import { MASK } from './changes.ts';
import type { EnvDocument } from './document.ts';
import { type Entry, nextLine } from './scan.ts';
import { lossy } from './text.ts';

/** One line of a file, or of the comparison of two. */
export interface Line {
  /** ` ` in both, `-` only in the older, `+` only in the newer. */
  mark: ' ' | '-' | '+';
  text: string;
}

/** Beyond so many changed lines, which of them moved is no longer looked for: all count as new. */
const MOST_EDITS = 2000;

/** Compared by what really stands there; shown masked unless `reveal`. */
export function lineChanges(
  before: EnvDocument,
  after: EnvDocument,
  { reveal }: { reveal: boolean },
): Line[] {
  const older = unitsOf(before);
  const newer = unitsOf(after);
  const options = { comparator: (a: Unit, b: Unit) => a.raw === b.raw };
  const parts = diffArrays(older, newer, { ...options, maxEditLength: MOST_EDITS }) ?? [
    { value: older, removed: true, added: false },
    { value: newer, removed: false, added: true },
  ];
  return parts.flatMap(({ value, added, removed }) => {
    const mark = added ? '+' : removed ? '-' : ' ';
    const texts = value.flatMap((unit) => (reveal ? lossy(unit.raw).split('\n') : [unit.masked]));
    return texts.map((text): Line => ({ mark, text }));
  });
}

/** The file with every value masked: keys and order are left. */
export function maskedText(document: EnvDocument): string {
  return unitsOf(document)
    .map(({ masked }) => `${masked}\n`)
    .join('');
}

/** A line, or all the lines of one value. */
interface Unit {
  raw: string;
  masked: string;
}

function unitsOf({ text, entries }: EnvDocument): Unit[] {
  const units: Unit[] = [];
  let next = 0;
  for (let at = 0; at < text.length; ) {
    const lineEnd = nextLine(text, at);
    const entry = entries[next];
    const assigns = entry !== undefined && entry.start < lineEnd;
    const end = assigns ? nextLine(text, entry.end) : lineEnd;
    const raw = text.slice(at, end).replace(/[\r\n\u2028\u2029]+$/, '');
    units.push({
      raw,
      masked: assigns ? maskedEntry(text.slice(at, end), entry) : maskedLine(raw),
    });
    if (assigns) next += 1;
    at = end;
  }
  return units;
}

/** Also what follows the value on its line: dotenv takes half a secret with “#” in it for a comment. */
function maskedEntry(raw: string, { key }: Entry): string {
  return `${/^\s*export\s/.test(raw) ? 'export ' : ''}${key}=${MASK}`;
}

/** A comment may be a key that was put aside, and a line that is no assignment half a key file. */
function maskedLine(raw: string): string {
  if (raw.trim() === '') return '';
  return raw.trimStart().startsWith('#') ? `# ${MASK}` : MASK;
}
