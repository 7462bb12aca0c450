import { chosenRow, matches } from '../list.ts';
import { contextOf, type State, topOf } from '../state.ts';
import {
  appliesIn,
  type Binding,
  bindingFor,
  type Deed,
  helpOf,
  labelOf,
  reasonOf,
} from './binding.ts';
import { changing } from './changing.ts';
import { looking } from './looking.ts';
import { migrating } from './migrating.ts';
import { moving } from './moving.ts';
import { portsync } from './portsync.ts';
import { preflight } from './preflight.ts';
import { settingUp } from './setting-up.ts';
import { stacking } from './stacking.ts';

const runChosen: Binding = {
  id: 'run-chosen',
  keys: ['enter'],
  label: 'do it',
  help: 'Do what is chosen',
  group: 'PortSync',
  in: ['palette', 'help'],
  hint: 10,
  run(state) {
    const list = topOf(state)?.name === 'help' ? 'help' : 'palette';
    const rows = commandRows(state);
    const chosen =
      rows[
        chosenRow(
          state.lists[list],
          rows.map((row) => row.id),
        )
      ];
    return chosen ? [{ type: 'close' }, ...use(chosen, beneath(state))] : [];
  },
};

/** Every key there is; the first that fits wins. */
export const BINDINGS: readonly Binding[] = [
  ...looking,
  ...changing,
  ...preflight,
  ...migrating,
  ...settingUp,
  ...stacking,
  ...moving,
  ...portsync,
  runChosen,
];

/** What the binding does now: its deeds, or the reason why not. */
export function use(binding: Binding, state: State): readonly Deed[] {
  const why = reasonOf(binding, state);
  if (why !== null) {
    const what = `“${labelOf(binding, state)}” does not work now: ${why}.`;
    return [{ type: 'toast', toast: { kind: 'refused', what, why: null, next: null } }];
  }
  const deeds = binding.run(state);
  return Array.isArray(deeds) ? deeds : [deeds as Deed];
}

export function bindingOf(state: State, key: string): Binding | null {
  return bindingFor(BINDINGS, state, key);
}

/** What help and palette list: all that the screen beneath them can do. */
export function commandRows(state: State): Binding[] {
  const top = topOf(state);
  const under = top?.name === 'help' || top?.name === 'palette' ? beneath(state) : state;
  const context = contextOf(under);
  const here = BINDINGS.filter((binding) => appliesIn(binding, under, context));
  if (top?.name !== 'palette') return here;
  const wanted = top.field.text;
  return here.filter((row) => matches(wanted, [labelOf(row, under), helpOf(row, under)]));
}

/** The state as it is without the box on top. */
export function beneath(state: State): State {
  return { ...state, overlays: state.overlays.slice(0, -1) };
}

/** The hint bar: the keys that work here and now, most useful first, then those that do not. */
export function hintRows(state: State): Binding[] {
  const context = contextOf(state);
  return BINDINGS.filter(
    (binding) => binding.hint !== undefined && appliesIn(binding, state, context),
  ).sort((a, b) => idle(a, state) - idle(b, state) || (a.hint ?? 0) - (b.hint ?? 0));
}

function idle(binding: Binding, state: State): number {
  return reasonOf(binding, state) === null ? 0 : 1;
}
