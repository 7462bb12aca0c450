import { type Finding, warning } from '../../model/finding.ts';
import { type EnvDocument, lineCounter, rawOf } from './document.ts';
import { type Quotes, spellings } from './quoting.ts';
import { READ } from './readers/all.ts';
import { type EnvReading, READER_NAMES, READERS, type Reader } from './readers/reading.ts';

/** Where the programs that read a .env do not make the same of this one, and what to write instead. */
export function readingFindings(document: EnvDocument): Finding[] {
  return [...refusals(document.text), ...disagreements(document)];
}

function refusals(text: string): Finding[] {
  return READERS.flatMap((reader) => {
    const { refused } = READ[reader](text);
    if (!refused) return [];
    return {
      id: 'env-refused',
      severity: reader === 'compose' ? 'blocker' : 'warning',
      object: `line ${refused.line}`,
      message: `${READER_NAMES[reader]} refuses the file: ${refused.why}.`,
      why: 'It stops at the first line it does not understand, and reads none.',
      cure: 'Write the line so that every program takes it; portsync env verify then goes on.',
    } satisfies Finding;
  });
}

function disagreements(document: EnvDocument): Finding[] {
  const readings = READERS.map((reader) => [reader, READ[reader](document.text)] as const);
  const taken = readings.filter(([, reading]) => !reading.refused);
  const lineOf = lineCounter(document.text);
  const last = new Map(document.entries.map((entry) => [entry.key, entry]));
  return [...last.values()].flatMap((entry) => {
    const value = document.values.get(entry.key) ?? '';
    const others = taken.filter(([, reading]) => reading.values.get(entry.key) !== value);
    if (others.length === 0) return [];
    const raw = rawOf(document.text, entry);
    return disagreement({ key: entry.key, value, raw, line: lineOf(entry.start) }, others);
  });
}

function disagreement(
  { key, value, raw, line }: { key: string; value: string; raw: string; line: number },
  others: ReadonlyArray<readonly [Reader, EnvReading]>,
): Finding {
  const reasons = new Map<string, string[]>();
  for (const [reader, reading] of others) {
    const reason = reasonOf(reader, raw, reading.values.get(key));
    reasons.set(reason, [...(reasons.get(reason) ?? []), READER_NAMES[reader]]);
  }
  const why = [...reasons].map(([reason, names]) => `${names.join(' and ')}: ${reason}.`).join(' ');
  return warning('env-disagree', key, {
    message: `Line ${line} does not mean the same to every program.`,
    why: `dotenv reads it as PortSync shows it. ${why}`,
    cure: cureOf(key, value),
  });
}

function reasonOf(reader: Reader, raw: string, read: string | undefined): string {
  if (read === undefined) return 'the key is not seen';
  if (reader !== 'compose') return 'all that follows “=” is the value as it stands';
  if (raw.includes('$')) return 'what follows a dollar sign is replaced';
  if (raw.includes('\\')) return 'other escapes follow a backslash';
  return 'the value ends elsewhere';
}

function cureOf(key: string, value: string): string {
  const best = spellings(value)[0];
  const all = best?.readers.length === READERS.length;
  if (all && best) return `Write it ${HOW[best.quotes]}: ${key}=${shape(best.quotes)}.`;
  if (best?.readers.includes('compose')) {
    return `Write it ${HOW[best.quotes]}, which dotenv and Compose read alike; no way of writing it suits the others.`;
  }
  return 'No way of writing this value suits more than dotenv; encode it, for example as base64.';
}

const HOW: Record<Quotes, string> = {
  none: 'without quotes, blanks or a comment',
  single: 'in single quotes',
  double: 'in double quotes, with \\n for a line break',
  backtick: 'in backticks',
};

function shape(quotes: Quotes): string {
  const mark = { none: '', single: "'", double: '"', backtick: '`' }[quotes];
  return `${mark}…${mark}`;
}
