import { plural } from '../../components/format.ts';
import type { Finding } from '../../model/finding.ts';
import type { KeyChange } from '../../services/env/changes.ts';
import type { Drift } from '../../services/env/drift.ts';
import type { Line } from '../../services/env/lines.ts';
import type { KeptVersion } from '../../services/env/versions.ts';
import { oneLine } from '../output.ts';

/** A table of versions; `current` is marked. */
export function versionTable(versions: readonly KeptVersion[], current: string | null): string {
  const rows = versions.map((version) => [
    version.id === current ? '*' : ' ',
    version.at.slice(0, 19).replace('T', ' '),
    shortId(version.id),
    oneLine(version.author),
    plural(version.changed.length, 'key'),
    version.named ? `“${oneLine(version.reason)}”` : oneLine(version.reason),
  ]);
  return table([' ', 'WHEN (UTC)', 'VERSION', 'WHO', 'CHANGED', 'WHY'], rows);
}

/** The time in it is unique; the hash after it is for machines. */
export function shortId(id: string): string {
  return id.split('-')[0] ?? id;
}

export function changeLines(changes: readonly KeyChange[], reveal: boolean): string {
  if (changes.length === 0) return 'No key differs.';
  const marks = { added: '+', changed: '~', removed: '-' } as const;
  const width = Math.max(...changes.map(({ key }) => key.length));
  return changes
    .map(({ key, change, before, after, rebuild }) => {
      const values = [before, after].filter((value) => value !== null).map(shownValue);
      const detail = reveal ? values.join(' → ') : change;
      const tail = rebuild ? '   needs a new build' : '';
      return `${marks[change]} ${key.padEnd(width)}  ${detail}${tail}`.trimEnd();
    })
    .join('\n');
}

/** Changed lines with a few unchanged ones around them. */
export function lineDiff(lines: readonly Line[], around = 3): string {
  const near = (index: number) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ mark }) => mark !== ' ');
  const shown: string[] = [];
  let gap = false;
  for (const [index, { mark, text }] of lines.entries()) {
    if (!near(index)) {
      gap = shown.length > 0;
      continue;
    }
    if (gap) shown.push('  …');
    gap = false;
    shown.push(`${mark} ${printable(text)}`.trimEnd());
  }
  return shown.length > 0 ? shown.join('\n') : 'No line differs.';
}

export function keyList(entries: ReadonlyArray<{ key: string; value: string | null }>): string {
  const width = Math.max(0, ...entries.map(({ key }) => key.length));
  return entries
    .map(({ key, value }) => (value === null ? key : `${key.padEnd(width)}  ${shownValue(value)}`))
    .join('\n');
}

export function findingText({ severity, object, message, why, cure }: Finding): string {
  const mark = { ok: 'ok', warning: 'look', blocker: 'BLOCKS' }[severity];
  const details = [why, cure].filter((line) => line !== null).map((line) => `\n    ${line}`);
  return `${mark.padEnd(6)} ${oneLine(object)}: ${message}${details.join('')}`;
}

export function driftTable(drift: readonly Drift[]): string {
  const rows = drift.map(({ key, where, how }) => [key, oneLine(where), how]);
  return table(['KEY', 'WHERE', 'HOW'], rows);
}

/** A value on one line; in quotes where it holds what a terminal would not show as it is. */
export function shownValue(value: string): string {
  return value === '' || /[\p{C}\p{Zl}\p{Zp}]|^\s|\s$/u.test(value) ? JSON.stringify(value) : value;
}

/** No escape sequence of the file reaches the terminal. */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\t\n]/gu, '\ufffd');
}

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}
