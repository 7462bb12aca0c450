import { UsageError } from '../../errors.ts';
import { type EnvDocument, lineCounter, parseText, rawOf, readValue } from './document.ts';
import { quotesOf, type Spelling, spellings } from './quoting.ts';
import { type Entry, nextLine } from './scan.ts';

/**
 * The document with `key` reading as `value`. Every other byte stays, and every other key reads as
 * before; a new key goes to the end. Of a key that is set twice, the last one counts.
 * @throws UsageError when that cannot be written, or would change another key.
 */
export function setKey(document: EnvDocument, key: string, value: string): EnvDocument {
  refuseBinary(document.text);
  if (document.values.get(key) === value) return document;
  const entry = document.entries.findLast((each) => each.key === key);
  if (key === '__proto__' || (!entry && !/^[A-Za-z_]\w*$/.test(key))) throw badKey(key);
  if (value.includes('\0')) throw unwritable(key, 'It contains a NUL byte.');
  const choices = inPreferredOrder(spellings(value), entry ? rawOf(document.text, entry) : '');
  if (choices.length === 0) throw unwritable(key, 'It mixes line breaks and all kinds of quotes.');
  for (const { text } of choices) {
    const edited = entry ? replaced(document, entry, text) : appended(document, key, text);
    if (readsTheSame(document, edited, key) && edited.values.get(key) === value) return edited;
  }
  throw entangled(document, key);
}

/** The document without `key`: every line that sets it is gone, with the comment on that line. */
export function unsetKey(document: EnvDocument, key: string): EnvDocument {
  refuseBinary(document.text);
  const entries = document.entries.filter((each) => each.key === key);
  if (entries.length === 0) return document;
  let text = document.text;
  for (const entry of entries.reverse()) {
    text = text.slice(0, lineStart(text, entry.start)) + text.slice(nextLine(text, entry.end));
  }
  const edited = parseText(text);
  if (edited.values.has(key) || !readsTheSame(document, edited, key))
    throw entangled(document, key);
  return edited;
}

/** A value keeps the kind of quotes it had where dotenv and Compose both read the new one so. */
function inPreferredOrder(choices: Spelling[], oldRaw: string): Spelling[] {
  const quotes = quotesOf(oldRaw);
  const kept = choices.filter(
    (choice) => quotes !== 'none' && choice.quotes === quotes && choice.readers.includes('compose'),
  );
  return [...kept, ...choices.filter((choice) => !kept.includes(choice))];
}

function replaced({ text }: EnvDocument, entry: Entry, value: string): EnvDocument {
  const rest = text.slice(entry.end);
  // dotenv ends a bare value at any “#”, Compose only at one with a blank before it.
  const gap = rest.startsWith('#') ? ' ' : '';
  return parseText(text.slice(0, entry.valueStart) + value + gap + rest);
}

function appended({ text }: EnvDocument, key: string, value: string): EnvDocument {
  const lineBreak = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  const empty = text === '' || text === '\ufeff';
  const open = !empty && !/[\n\r]$/.test(text);
  return parseText(`${text}${open ? lineBreak : ''}${key}=${value}${open ? '' : lineBreak}`);
}

/** A byte order mark counts as blank, but belongs to the file and not to its first line. */
function lineStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && !/[\n\r\u2028\u2029]/.test(text[start - 1] as string)) start -= 1;
  return start === 0 && text.startsWith('\ufeff') ? 1 : start;
}

function readsTheSame(before: EnvDocument, after: EnvDocument, except: string): boolean {
  const others = (values: ReadonlyMap<string, string>) =>
    values.size - (values.has(except) ? 1 : 0);
  if (others(before.values) !== others(after.values)) return false;
  for (const [key, value] of before.values) {
    if (key !== except && after.values.get(key) !== value) return false;
  }
  return true;
}

function refuseBinary(text: string): void {
  if (!text.includes('\0')) return;
  throw new UsageError({
    code: 'env-binary',
    message: 'The .env holds NUL bytes and cannot be edited key by key.',
    why: 'It looks encrypted, or is not a .env at all.',
    next: 'Its versions are kept all the same: portsync env list, portsync env restore ID.',
  });
}

function badKey(key: string): UsageError {
  return new UsageError({
    code: 'env-key-invalid',
    message: `${JSON.stringify(key)} cannot be the name of a variable.`,
    why: 'A name has letters, digits and underscores, and does not start with a digit.',
  });
}

function unwritable(key: string, why: string): UsageError {
  return new UsageError({
    code: 'env-value-unwritable',
    message: `This value of ${key} cannot be written so that dotenv reads it back.`,
    why,
    next: 'Encode the value, for example as base64, and decode it in the app.',
  });
}

function entangled(document: EnvDocument, key: string): UsageError {
  const { text, entries } = document;
  const suspect =
    entries.find((each) => neverClosed(text, each)) ?? entries.findLast((each) => each.key === key);
  const where = suspect ? ` around line ${lineCounter(text)(suspect.start)}` : '';
  return new UsageError({
    code: 'env-entangled',
    message: `${key} cannot be changed without changing what another key reads. Nothing was changed.`,
    why: 'A quote that is not closed, or a line without “=”, ties neighbouring lines together.',
    next: `Mend the file by hand${where}: portsync env edit.`,
  });
}

function neverClosed(text: string, entry: Entry): boolean {
  const raw = rawOf(text, entry);
  return /^["'`]/.test(raw) && readValue(text, entry).startsWith(raw[0] as string);
}
