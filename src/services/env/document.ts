import { parse as readWithDotenv } from 'dotenv';
import { type Entry, scan } from './scan.ts';
import { lossy, toText } from './text.ts';

/** A .env as written, and where its assignments are. Immutable: an edit gives another one. */
export interface EnvDocument {
  readonly text: string;
  readonly entries: readonly Entry[];
  /** What dotenv reads; of a key that is set twice, the last. */
  readonly values: ReadonlyMap<string, string>;
}

export function parseBytes(bytes: Uint8Array): EnvDocument {
  return parseText(toText(bytes));
}

export function parseText(text: string): EnvDocument {
  const entries = scan(text);
  const values = new Map<string, string>();
  for (const entry of entries) {
    // dotenv collects into a plain object, which drops this one name.
    if (entry.key !== '__proto__') values.set(entry.key, readValue(text, entry));
  }
  return { text, entries, values };
}

/** dotenv itself reads each value, from the bytes of its own assignment alone. */
export function readValue(text: string, entry: Entry): string {
  const separator = entry.keyStart + entry.key.length;
  return lossy(readWithDotenv(`K${text.slice(separator, entry.end)}`).K ?? '');
}

/** The value as written, with its quotes. */
export function rawOf(text: string, entry: Entry): string {
  return text.slice(entry.valueStart, entry.end);
}

/** Line numbers of offsets, from 1. Compose, Docker and editors count line feeds. */
export function lineCounter(text: string): (offset: number) => number {
  const feeds: number[] = [];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) feeds.push(at);
  return (offset) => {
    let low = 0;
    let high = feeds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((feeds[middle] as number) < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}
