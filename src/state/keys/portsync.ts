import { chosenRow } from '../list.ts';
import { type State, topOf } from '../state.ts';
import { emptyField } from '../text-field.ts';
import type { Binding, Deed } from './binding.ts';
import { type Choice, MENU } from './menu.ts';
import { openSetup } from './setting-up.ts';

const SCREENS = [
  'zoom',
  'logs',
  'resize',
  'migrate',
  'finding',
  'proof',
  'addNode',
  'setup',
  'setupPlan',
  'stack',
  'soon',
] as const;
/** A box over a screen. */
const BOXES = [
  'confirm',
  'confirmName',
  'filter',
  'palette',
  'address',
  'entry',
  'target',
] as const;
const FREE = ['dashboard', 'menu', ...SCREENS] as const;

export const portsync: Binding[] = [
  {
    id: 'back',
    keys: ['esc'],
    label: 'back',
    help: 'Go back',
    group: 'PortSync',
    in: SCREENS,
    // From the findings of a preflight, Esc leads to the connection string.
    when: (state) => topOf(state)?.name !== 'migrate' || state.draft.target === null,
    hint: 5,
    run: () => ({ type: 'close' }),
  },
  {
    id: 'palette',
    keys: [':'],
    label: 'commands',
    help: 'Find anything PortSync can do by its name',
    group: 'PortSync',
    in: FREE,
    hint: 95,
    run: () => ({ type: 'open', overlay: { name: 'palette', field: emptyField } }),
  },
  {
    id: 'help',
    keys: ['?'],
    label: 'keys',
    help: 'Show every key that works here',
    group: 'PortSync',
    in: FREE,
    hint: 100,
    run: () => ({ type: 'open', overlay: { name: 'help' } }),
  },
  {
    id: 'repaint',
    keys: ['ctrl+l'],
    label: 'repaint',
    help: 'Draw the screen again',
    group: 'PortSync',
    in: [...FREE, 'help', ...BOXES],
    run: () => ({ do: 'repaint' }),
  },
  {
    id: 'quit',
    keys: ['q', 'ctrl+c'],
    label: 'quit',
    help: (state) =>
      state.project?.lab
        ? 'Leave the lab: everything it started is stopped and removed'
        : 'Leave PortSync; what runs goes on running',
    group: 'PortSync',
    in: [...FREE, 'help'],
    run: () => ({ do: 'quit' }),
  },
  {
    id: 'interrupt',
    keys: ['ctrl+c'],
    label: 'quit',
    help: 'Leave PortSync',
    group: 'PortSync',
    in: BOXES,
    run: () => ({ do: 'quit' }),
  },
  box('close-box', ['esc'], 'nothing happens', ['confirm', 'confirmName'], 20),
  box('no', ['n'], 'no', ['confirm']),
  box('leave-box', ['esc'], 'back', ['palette', 'address', 'entry', 'filter'], 30),
  box('close-help', ['esc', '?'], 'back', ['help'], 30),
  {
    id: 'yes',
    keys: ['enter', 'y'],
    label: (state) => question(state)?.yes ?? 'yes',
    help: 'Do it',
    group: 'PortSync',
    in: ['confirm'],
    hint: 10,
    // The box is gone before its answer is carried out.
    run: (state) => {
      const asked = question(state);
      return asked ? [{ type: 'close' }, asked.effect] : { type: 'close' };
    },
  },
  {
    id: 'yes-by-name',
    keys: ['enter'],
    label: (state) => question(state)?.yes ?? 'yes',
    help: 'Do it',
    group: 'PortSync',
    in: ['confirmName'],
    hint: 10,
    disabled: (state) => {
      const top = topOf(state);
      const same = top?.name === 'confirmName' && top.field.text.trim() === top.question.name;
      return same ? null : `type ${question(state)?.name ?? 'its name'} first`;
    },
    run: (state) => {
      const asked = question(state);
      return asked ? [{ type: 'close' }, asked.effect] : { type: 'close' };
    },
  },
  {
    id: 'keep-filter',
    keys: ['enter'],
    label: 'keep filter',
    help: 'Keep the filter',
    group: 'PortSync',
    in: ['filter'],
    hint: 10,
    run: () => ({ type: 'filter-kept' }),
  },
  {
    id: 'choose',
    keys: ['enter'],
    label: 'choose',
    help: 'Choose what this machine is for',
    group: 'PortSync',
    in: ['menu'],
    hint: 10,
    run: chosenFromMenu,
  },
  {
    id: 'connect',
    keys: ['enter'],
    label: 'connect',
    help: 'Connect to this address',
    group: 'PortSync',
    in: ['address'],
    hint: 10,
    disabled: (state) => (address(state) ? null : 'type an address first'),
    run: (state) => [
      { type: 'close' },
      { do: 'open', opening: { kind: 'ssh', address: address(state) } },
    ],
  },
];

function box(
  id: string,
  keys: string[],
  label: string,
  where: Binding['in'],
  hint?: number,
): Binding {
  const run = (): Deed => ({ type: 'close' });
  const shown = hint === undefined ? {} : { hint };
  return { id, keys, label, help: 'Close this box', group: 'PortSync', in: where, run, ...shown };
}

function question(state: State) {
  const top = topOf(state);
  return top?.name === 'confirm' || top?.name === 'confirmName' ? top.question : null;
}

function address(state: State): string {
  const top = topOf(state);
  return top?.name === 'address' ? top.field.text.trim() : '';
}

function chosenFromMenu(state: State): Deed | Deed[] {
  const row = chosenRow(
    state.lists.menu,
    MENU.map(({ id }) => id),
  );
  const choice: Choice['id'] = MENU[row]?.id ?? 'lab';
  switch (choice) {
    case 'lab':
      return { do: 'open', opening: { kind: 'lab' } };
    case 'dashboard':
      return { type: 'open', overlay: { name: 'address', field: emptyField } };
    case 'starter':
      return openSetup(state);
    case 'join':
      return { type: 'open', overlay: { name: 'soon' } };
  }
}
