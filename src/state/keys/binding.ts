import type { Effect } from '../effects.ts';
import type { Event } from '../events.ts';
import { type Context, contextOf, type State } from '../state.ts';

/** What a key does: something that happens here, or something asked of the outside. */
export type Deed = Event | Effect;

/** A key as data: the hint bar, the help and the palette are made from these, and nothing else. */
export interface Binding {
  id: string;
  /** Names as in `keyNames`; the first one is shown. */
  keys: readonly string[];
  /** One or two words for the hint bar. */
  label: string | ((state: State) => string);
  /** A sentence for help and palette. */
  help: string | ((state: State) => string);
  group: 'Look' | 'Move' | 'Change' | 'PortSync';
  in: readonly Context[];
  /** Narrows `in` down; a key that makes no sense at all here is not shown. */
  when?: (state: State) => boolean;
  /** Place in the hint bar, lowest first; absent: only in help and palette. */
  hint?: number;
  /** Starts, stops or writes something: refused with --read-only. */
  changes?: boolean;
  /** Why it cannot be used now. */
  disabled?: (state: State) => string | null;
  /** In order. */
  run: (state: State) => Deed | readonly Deed[];
}

export function labelOf({ label }: Binding, state: State): string {
  return typeof label === 'string' ? label : label(state);
}

export function helpOf({ help }: Binding, state: State): string {
  return typeof help === 'string' ? help : help(state);
}

/** Why a key cannot be used now; null when it can. */
export function reasonOf(binding: Binding, state: State): string | null {
  if (binding.changes && (state.project?.readOnly ?? state.readOnly)) return 'read-only';
  return binding.disabled?.(state) ?? null;
}

export function appliesIn(binding: Binding, state: State, context: Context): boolean {
  return binding.in.includes(context) && (binding.when?.(state) ?? true);
}

export function bindingFor(
  bindings: readonly Binding[],
  state: State,
  key: string,
): Binding | null {
  const context = contextOf(state);
  const found = bindings.find(
    (binding) => binding.keys.includes(key) && appliesIn(binding, state, context),
  );
  return found ?? null;
}

export function isEffect(deed: Deed): deed is Effect {
  return 'do' in deed;
}
