import { type State, topOf } from '../state.ts';
import { edit, insert } from '../text-field.ts';
import type { Deed } from './binding.ts';
import { bindingOf, use } from './commands.ts';

/** What pressing a key does now, in order; nothing for a key that means nothing here. */
export function press(state: State, key: string): readonly Deed[] {
  const binding = bindingOf(state, key);
  if (binding) return use(binding, state);
  const top = topOf(state);
  if (!top || !('field' in top)) return [];
  const field = edit(top.field, key) ?? (isText(key) ? insert(top.field, key) : null);
  return field ? [{ type: 'typed', field }] : [];
}

/** The name of every other key is longer than one character. */
function isText(key: string): boolean {
  return Array.from(key).length === 1;
}
