import type { EnvChange } from '../../model/env.ts';
import { type EnvDocument, parseBytes } from './document.ts';

/** Stands for any value, long, short or empty. */
export const MASK = '••••••';

export interface KeyChange extends EnvChange {
  /** Next.js writes the values of these keys into the app when it is built. */
  rebuild: boolean;
}

/** The keys that read differently, in the order of the newer file; removed ones last. */
export function changedKeys(before: Uint8Array | null, after: Uint8Array | null): string[] {
  return keyChanges(parsed(before), parsed(after), { reveal: false }).map(({ key }) => key);
}

export function keyChanges(
  { values: before }: Pick<EnvDocument, 'values'>,
  { values: after }: Pick<EnvDocument, 'values'>,
  { reveal }: { reveal: boolean },
): KeyChange[] {
  const shown = (value: string | undefined) => (value === undefined ? null : reveal ? value : MASK);
  return [...new Set([...after.keys(), ...before.keys()])]
    .filter((key) => before.get(key) !== after.get(key))
    .map((key) => ({
      key,
      change: !before.has(key) ? 'added' : after.has(key) ? 'changed' : 'removed',
      before: shown(before.get(key)),
      after: shown(after.get(key)),
      rebuild: needsRebuild(key),
    }));
}

export function needsRebuild(key: string): boolean {
  return key.startsWith('NEXT_PUBLIC_');
}

export function parsed(content: Uint8Array | null): EnvDocument {
  return parseBytes(content ?? new Uint8Array());
}
