import { dataOf } from '../../model/reading.ts';
import { type ContainerRow, chosenContainer } from '../containers.ts';
import type { Effect } from '../effects.ts';
import { only } from '../joins.ts';
import { paneNow } from '../panes.ts';
import type { Question, State } from '../state.ts';
import type { Binding, Deed } from './binding.ts';

const inLab = (state: State) => state.project?.lab ?? false;
const onContainers = (state: State) => paneNow(state) === 'containers';

export const changing: Binding[] = [
  {
    id: 'spike',
    keys: ['s'],
    label: (state) => (spiking(state) ? 'end spike' : 'spike'),
    help: 'Start or end a traffic spike in the lab',
    group: 'Change',
    in: ['dashboard', 'zoom'],
    when: inLab,
    hint: 25,
    changes: true,
    run: (state) => ({ do: 'spike', on: !spiking(state) }),
  },
  {
    id: 'kill',
    keys: ['x'],
    label: 'kill',
    help: 'Kill the chosen replica of the lab, as a crash would',
    group: 'Change',
    in: ['dashboard', 'zoom'],
    when: (state) => inLab(state) && onContainers(state),
    hint: 27,
    changes: true,
    disabled: (state) => notAReplica(state) ?? notRunning(state),
    run: (state) => ask(state, killQuestion),
  },
  {
    id: 'revive',
    keys: ['S'],
    label: 'start again',
    help: 'Start the chosen replica of the lab again',
    group: 'Change',
    in: ['dashboard', 'zoom'],
    when: (state) => inLab(state) && onContainers(state),
    hint: 28,
    changes: true,
    disabled: (state) => notAReplica(state) ?? running(state),
    run: (state) => ({ do: 'start-replica', name: chosenContainer(state)?.container.name ?? '' }),
  },
  {
    id: 'start',
    keys: ['S'],
    label: 'start',
    help: 'Start the chosen container',
    group: 'Change',
    in: ['dashboard', 'zoom'],
    when: (state) => !inLab(state) && onContainers(state),
    changes: true,
    disabled: running,
    run: (state) => ask(state, startQuestion),
  },
  {
    id: 'stop',
    keys: ['X'],
    label: 'stop',
    help: 'Stop the chosen container',
    group: 'Change',
    in: ['dashboard', 'zoom'],
    when: onContainers,
    changes: true,
    disabled: (state) => foreign(state) ?? notRunning(state),
    run: (state) => ask(state, stopQuestion),
  },
  {
    id: 'restart',
    keys: ['R'],
    label: 'restart',
    help: 'Restart the chosen container',
    group: 'Change',
    in: ['dashboard', 'zoom'],
    when: onContainers,
    changes: true,
    disabled: (state) => foreign(state) ?? notRunning(state),
    run: (state) => ask(state, restartQuestion),
  },
];

function spiking(state: State): boolean {
  return dataOf(only(state, 'lab'))?.spike ?? false;
}

/** The lab's own servers live and end with it. */
function foreign(state: State): string | null {
  return inLab(state) ? notAReplica(state) : null;
}

function notAReplica(state: State): string | null {
  const row = chosenContainer(state);
  if (!row) return 'no container';
  return row.container.colour === null ? 'not a web replica' : null;
}

function running(state: State): string | null {
  const row = chosenContainer(state);
  if (!row) return 'no container';
  return row.container.state === 'running' ? 'runs already' : null;
}

function notRunning(state: State): string | null {
  const row = chosenContainer(state);
  if (!row) return 'no container';
  return row.container.state === 'exited' || row.container.state === 'created'
    ? 'does not run'
    : null;
}

function ask(state: State, question: (row: ContainerRow) => Question): Deed {
  const row = chosenContainer(state);
  if (!row) return { type: 'close' };
  return { type: 'open', overlay: { name: 'confirm', question: question(row) } };
}

function where({ container }: ContainerRow): string {
  return container.node ? `${container.name} on ${container.node}` : container.name;
}

function killQuestion(row: ContainerRow): Question {
  return {
    title: `Kill ${where(row)}?`,
    kept: 'All but the requests running in it now. The others go on serving.',
    back: 'S starts it again.',
    yes: 'kill',
    effect: { do: 'kill-replica', name: row.container.name },
  };
}

function startQuestion(row: ContainerRow): Question {
  return {
    title: `Start ${where(row)}?`,
    kept: 'It starts with the settings and data that it stopped with.',
    back: 'X stops it again.',
    yes: 'start',
    effect: effect('start', row),
  };
}

function stopQuestion(row: ContainerRow): Question {
  return {
    title: `Stop ${where(row)}?`,
    kept: 'Its data and settings stay. What it served is not answered meanwhile.',
    back: 'S starts it again.',
    yes: 'stop',
    effect: effect('stop', row),
  };
}

function restartQuestion(row: ContainerRow): Question {
  return {
    title: `Restart ${where(row)}?`,
    kept: 'Its data and settings stay. It does not answer until it is up again.',
    back: 'Nothing to go back to: it is the same container.',
    yes: 'restart',
    effect: effect('restart', row),
  };
}

function effect(what: 'start' | 'stop' | 'restart', row: ContainerRow): Effect {
  return { do: what, container: row.container };
}
