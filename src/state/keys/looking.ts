import { dataOf } from '../../model/reading.ts';
import { chosenContainer } from '../containers.ts';
import { only } from '../joins.ts';
import { GRAPH_FROM } from '../layout.ts';
import { activeList } from '../lists.ts';
import { logLines, logsOf } from '../logs.ts';
import { paneNow } from '../panes.ts';
import { type ListId, type LogView, type State, topOf } from '../state.ts';
import { fieldOf } from '../text-field.ts';
import { chosenChange, chosenVersion } from '../versions.ts';
import type { Binding } from './binding.ts';

const MIGRATE = ['migrate', 'finding', 'proof'] as const;
const SETUP = ['setup', 'setupPlan', 'stack'] as const;

export const looking: Binding[] = [
  {
    id: 'dismiss',
    keys: ['esc'],
    label: 'dismiss',
    help: 'Take the message away',
    group: 'PortSync',
    in: ['dashboard', 'zoom', 'logs', 'menu', 'resize', ...MIGRATE, 'addNode', ...SETUP, 'soon'],
    when: (state) => state.toast?.kind === 'failed',
    run: () => ({ type: 'toast-gone' }),
  },
  {
    id: 'clear-filter',
    keys: ['esc'],
    label: 'clear filter',
    help: 'Show all rows again',
    group: 'Look',
    in: ['dashboard', 'zoom', 'logs'],
    when: (state) => filterNow(state) !== '',
    hint: 15,
    run: (state) => ({ type: 'filter-cleared', list: filterable(state) ?? 'containers' }),
  },
  {
    id: 'open',
    keys: ['enter'],
    label: 'open',
    help: 'Open the pane: more columns, and details of the row',
    group: 'Look',
    in: ['dashboard'],
    hint: 20,
    run: (state) => ({ type: 'open', overlay: { name: 'zoom', pane: state.focus } }),
  },
  {
    id: 'logs',
    keys: ['l'],
    label: 'logs',
    help: 'Follow the log of the chosen container',
    group: 'Look',
    in: ['dashboard', 'zoom'],
    when: (state) => paneNow(state) === 'containers',
    hint: 30,
    disabled: (state) => (chosenContainer(state) ? null : 'no container'),
    run: (state) => openLogs(state),
  },
  {
    id: 'filter',
    keys: ['/'],
    label: 'filter',
    help: 'Show only rows that contain some words',
    group: 'Look',
    in: ['dashboard', 'zoom', 'logs'],
    hint: 84,
    run: (state) => {
      const list = filterable(state) ?? 'containers';
      const before = filterNow(state);
      return { type: 'open', overlay: { name: 'filter', list, before, field: fieldOf(before) } };
    },
  },
  {
    id: 'graph',
    keys: ['t'],
    label: (state) => (state.graph ? 'less traffic' : 'traffic'),
    help: 'Draw requests, p95 and replicas on one time axis',
    group: 'Look',
    in: ['dashboard'],
    hint: 82,
    disabled: (state) =>
      only(state, 'traffic').state === 'absent' ? 'no load balancer known' : tooLow(state),
    run: () => ({ type: 'graph' }),
  },
  {
    id: 'follow',
    keys: ['f', ' '],
    label: (state) => (logsOf(state)?.top === null ? 'pause' : 'follow'),
    help: 'Follow the end of the log, or stay here',
    group: 'Look',
    in: ['logs'],
    hint: 20,
    run: () => ({ type: 'follow' }),
  },
  {
    id: 'wrap',
    keys: ['w'],
    label: (state) => (logsOf(state)?.wrap ? 'cut lines' : 'wrap lines'),
    help: 'Wrap long lines, or cut them',
    group: 'Look',
    in: ['logs'],
    hint: 40,
    run: () => ({ type: 'wrap' }),
  },
  {
    id: 'save-logs',
    keys: ['s'],
    label: 'save',
    help: 'Save the lines seen here to a file in the project directory',
    group: 'Change',
    in: ['logs'],
    hint: 50,
    changes: true,
    disabled: (state) => (logsOf(state)?.lines.length ? null : 'no lines yet'),
    run: (state) => saveLogs(state),
  },
  {
    id: 'reveal',
    keys: ['v'],
    label: 'reveal',
    help: 'Show the chosen value for five seconds',
    group: 'Look',
    in: ['zoom'],
    when: (state) => paneNow(state) === 'env',
    hint: 30,
    disabled: (state) => (chosenChange(state) ? null : 'nothing to reveal'),
    run: (state) => ({
      do: 'reveal',
      version: chosenVersion(state)?.id ?? '',
      key: chosenChange(state)?.key ?? '',
    }),
  },
  {
    id: 'drift',
    keys: ['d'],
    label: (state) => (state.env.places === null ? 'where it runs' : 'what changed'),
    help: 'Which replica and which node has which version of .env',
    group: 'Look',
    in: ['zoom'],
    when: (state) => paneNow(state) === 'env',
    hint: 35,
    run: (state) =>
      state.env.places === null ? { do: 'env-places' } : { type: 'env-places', places: null },
  },
  {
    id: 'restore',
    keys: ['enter', 'b'],
    label: 'restore',
    help: 'Bring the chosen version of .env back, for every replica',
    group: 'Change',
    in: ['zoom'],
    when: (state) => paneNow(state) === 'env',
    hint: 25,
    changes: true,
    disabled: notRestorable,
    run: (state) => ({ do: 'plan-restore', version: chosenVersion(state)?.id ?? '' }),
  },
  screen('resize', 'r', 'resize', 'Is a bigger machine worth buying? With evidence', 50),
  screen('addNode', 'n', 'add node', 'Add a machine that serves the app', 70),
  {
    id: 'env',
    keys: ['b'],
    label: 'backup',
    help: 'Versions of .env: what changed, and bringing one back',
    group: 'Look',
    in: ['dashboard', 'zoom'],
    when: (state) => !(topOf(state)?.name === 'zoom' && paneNow(state) === 'env'),
    hint: 80,
    run: () => ({ type: 'open', overlay: { name: 'zoom', pane: 'env' } }),
  },
];

function screen(
  name: 'resize' | 'addNode',
  key: string,
  label: string,
  help: string,
  hint: number,
): Binding {
  const run = () => ({ type: 'open', overlay: { name } }) as const;
  const group = 'Look';
  return { id: name, keys: [key], label, help, group, in: ['dashboard', 'zoom'], hint, run };
}

function notRestorable(state: State): string | null {
  const version = chosenVersion(state);
  if (!version) return 'no version';
  return dataOf(only(state, 'env'))?.current === version.id ? 'it is the current one' : null;
}

function openLogs(state: State): ReturnType<Binding['run']> {
  const row = chosenContainer(state);
  if (!row) return { type: 'close' };
  const { container } = row;
  const logs: LogView = {
    container,
    lines: [],
    top: null,
    wrap: false,
    filter: '',
    ended: 'following',
  };
  return { type: 'open', overlay: { name: 'logs', logs } };
}

function saveLogs(state: State): ReturnType<Binding['run']> {
  const logs = logsOf(state);
  if (!logs) return { type: 'close' };
  return { do: 'save-logs', container: logs.container, lines: logLines(logs) };
}

function filterable(state: State): ListId | 'logs' | null {
  if (topOf(state)?.name === 'logs') return 'logs';
  const list = activeList(state);
  return list === 'changes' ? 'versions' : list;
}

function filterNow(state: State): string {
  const list = filterable(state);
  if (list === 'logs') return logsOf(state)?.filter ?? '';
  return list === null ? '' : state.lists[list].filter;
}

function tooLow(state: State): string | null {
  return state.rows < GRAPH_FROM ? `needs ${GRAPH_FROM} rows` : null;
}
