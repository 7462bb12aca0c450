import type { Move } from '../list.ts';
import { activeList, sortColumns } from '../lists.ts';
import { nextPane } from '../panes.ts';
import { type Context, contextOf, PANES, type PaneId, type State } from '../state.ts';
import type { Binding } from './binding.ts';

const LISTS: readonly Context[] = [
  'dashboard',
  'zoom',
  'logs',
  'help',
  'menu',
  'resize',
  'migrate',
  'finding',
  'proof',
  'setup',
  'setupPlan',
  'stack',
];
const PANE_NAMES: Record<PaneId, string> = {
  containers: 'containers',
  nodes: 'nodes',
  database: 'the database',
  env: 'the .env history',
};

export const moving: Binding[] = [
  {
    id: 'next-pane',
    keys: ['tab'],
    label: 'pane',
    help: 'Go to the next pane',
    group: 'Move',
    in: ['dashboard'],
    hint: 10,
    run: (state) => ({ type: 'focus', pane: nextPane(state, 1) }),
  },
  {
    id: 'previous-pane',
    keys: ['shift+tab'],
    label: 'pane before',
    help: 'Go to the pane before',
    group: 'Move',
    in: ['dashboard'],
    run: (state) => ({ type: 'focus', pane: nextPane(state, -1) }),
  },
  ...PANES.map(
    (pane, index): Binding => ({
      id: `pane-${pane}`,
      keys: [String(index + 1)],
      label: PANE_NAMES[pane],
      help: `Go to ${PANE_NAMES[pane]}`,
      group: 'Move',
      in: ['dashboard'],
      run: () => ({ type: 'focus', pane }),
    }),
  ),
  {
    id: 'env-side',
    keys: ['tab', 'left', 'right'],
    label: 'other side',
    help: 'Go between the versions and what changed',
    group: 'Move',
    in: ['zoom'],
    when: (state) => activeList(state) === 'versions' || activeList(state) === 'changes',
    hint: 10,
    run: () => ({ type: 'env-side' }),
  },
  go('up', ['up', 'k'], 'Go one row up'),
  go('down', ['down', 'j'], 'Go one row down'),
  go('pageUp', ['pageUp', 'ctrl+b'], 'Go one page up'),
  go('pageDown', ['pageDown', 'ctrl+f'], 'Go one page down'),
  go('first', ['g', 'home'], 'Go to the first row'),
  go('last', ['G', 'end'], 'Go to the last row'),
  // In the palette letters are typed: only arrows move there.
  ...(['up', 'down', 'pageUp', 'pageDown'] as const).map(
    (by): Binding => ({ ...go(by, [by], ''), id: `palette-${by}`, in: ['palette'] }),
  ),
  {
    id: 'sort',
    keys: ['o'],
    label: 'order',
    help: 'Order by the next column',
    group: 'Look',
    in: ['dashboard', 'zoom'],
    disabled: unsorted,
    run: () => ({ type: 'sort' }),
  },
  {
    id: 'sort-direction',
    keys: ['O'],
    label: 'turn order',
    help: 'Turn the order round',
    group: 'Look',
    in: ['dashboard', 'zoom'],
    disabled: unsorted,
    run: () => ({ type: 'sort-direction' }),
  },
];

function go(by: Move, keys: string[], help: string): Binding {
  const run = () => ({ type: 'move', by }) as const;
  // Most of what moving the database, or starting the app, shows is no list.
  const when = (state: State) =>
    !['migrate', 'stack'].includes(contextOf(state)) || activeList(state) !== null;
  return { id: `go-${by}`, keys, label: by, help, group: 'Move', in: LISTS, when, run };
}

function unsorted(state: State): string | null {
  const list = activeList(state);
  if (list === null) return 'nothing to order';
  if (list === 'queries') return 'always slowest first';
  return sortColumns(list).length > 0 ? null : 'always newest first';
}
