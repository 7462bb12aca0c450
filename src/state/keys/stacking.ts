import { dataOf } from '../../model/reading.ts';
import { chosenRow } from '../list.ts';
import type { Question, State } from '../state.ts';
import type { Binding, Deed } from './binding.ts';
import { asking, opening } from './deeds.ts';

const ANYWHERE = ['dashboard', 'zoom'] as const;
const noLab = (state: State) => state.project?.dir != null && !state.project.lab;
const isDown = ({ stack }: State) => stack.what === 'down';

/** Starting all that the compose file describes, and ending it. */
export const stacking: Binding[] = [
  look('start-app', 'u', 'up', 'Start the app', { when: isIdle, hint: 15 }),
  look('up', 'u', 'up', 'Bring what runs in line with the files and this machine', {
    when: (state) => !isIdle(state),
  }),
  look('down', 'D', 'down', 'End the app’s containers; its data stays', {}),
  {
    id: 'stack-go',
    keys: ['enter'],
    label: ({ stack }) => (stack.what === 'up' ? 'start' : 'end it, keep the data'),
    help: 'Do what the plan says',
    group: 'Change',
    in: ['stack'],
    when: ({ stack }) => stack.phase === 'planned' && (stack.plan?.steps.length ?? 0) > 0,
    hint: 10,
    changes: true,
    run: ({ stack }) => (stack.what === 'up' ? { do: 'up' } : { do: 'down', volume: null }),
  },
  {
    id: 'stack-volume',
    keys: ['V'],
    label: 'remove data too',
    help: 'End the app, and remove the chosen volume for good, after its name was typed',
    group: 'Change',
    in: ['stack'],
    when: (state) => isDown(state) && state.stack.phase === 'planned',
    hint: 30,
    changes: true,
    disabled: (state) => (chosenVolume(state) ? null : 'there is no volume'),
    run: (state) => asking(volumeQuestion(chosenVolume(state) ?? '')),
  },
  {
    id: 'stack-again',
    keys: ['r'],
    label: 'look again',
    help: 'Look again at what there is to do',
    group: 'Look',
    in: ['stack'],
    when: ({ stack }) => stack.phase !== 'running' && stack.phase !== 'looking',
    hint: 40,
    run: ({ stack }) => ({ type: 'stack-look', what: stack.what }),
  },
];

/** Nothing of the app is there yet: then starting it is what one is here for. */
function isIdle(state: State): boolean {
  const readings = Object.values(state.readings.containers);
  const empty = readings.every(
    (reading) => reading.state !== 'loading' && (dataOf(reading) ?? []).length === 0,
  );
  return readings.length > 0 && empty;
}

function look(
  id: string,
  key: string,
  what: 'up' | 'down',
  help: string,
  { when = () => true, hint }: { when?: (state: State) => boolean; hint?: number },
): Binding {
  return {
    id,
    keys: [key],
    label: what,
    help,
    group: 'Change',
    in: ANYWHERE,
    when: (state) => noLab(state) && when(state),
    ...(hint === undefined ? {} : { hint }),
    run: ({ stack }): Deed[] => {
      const show = opening({ name: 'stack' });
      // What is under way is shown, whichever key asked.
      return stack.phase === 'running' ? [show] : [{ type: 'stack-look', what }, show];
    },
  };
}

export function chosenVolume({ stack, lists }: State): string | null {
  const volumes = stack.plan?.volumes ?? [];
  return volumes[chosenRow(lists.volumes, volumes)] ?? null;
}

function volumeQuestion(volume: string): Question {
  return {
    title: `End the app, and remove ${volume} for good?`,
    warnings: ['everything in this volume is lost'],
    kept: 'The project’s files, and its other volumes.',
    back: 'None: only a backup elsewhere brings the data back.',
    yes: 'remove',
    name: volume,
    effect: { do: 'down', volume },
  };
}
