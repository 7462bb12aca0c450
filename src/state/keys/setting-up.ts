import { chosenSetupRow, type SetupRow, setupPlanOf, startingWish, turned } from '../setup.ts';
import { type State, topOf } from '../state.ts';
import { fieldOf } from '../text-field.ts';
import type { Binding, Deed } from './binding.ts';
import { opening } from './deeds.ts';

/** From the start menu to a project directory. */
export const settingUp: Binding[] = [
  {
    id: 'setup-row',
    keys: ['enter'],
    label: (state) => ROW_LABELS[chosenSetupRow(state).kind],
    help: 'Change the chosen line, or go on',
    group: 'PortSync',
    in: ['setup'],
    hint: 10,
    run: (state) => change(state, chosenSetupRow(state)),
  },
  turn('setup-next', ['right', ' '], 'next', 1),
  turn('setup-previous', ['left'], 'previous', -1),
  {
    id: 'setup-look',
    keys: ['s'],
    label: 'show plan',
    help: 'Show what will be written; changes nothing',
    group: 'PortSync',
    in: ['setup'],
    hint: 20,
    run: () => look(),
  },
  {
    id: 'setup-entry',
    keys: ['enter'],
    label: 'take it',
    help: 'Take what was typed',
    group: 'PortSync',
    in: ['entry'],
    hint: 10,
    run: (state) => {
      const top = topOf(state);
      if (top?.name !== 'entry') return [];
      return [{ type: 'close' }, { type: 'setup-set', wish: { [top.row]: top.field.text.trim() } }];
    },
  },
  {
    id: 'setup-write',
    keys: ['enter'],
    label: (state) => (setupPlanOf(state)?.outcome === 'nothing' ? 'go on' : 'write it'),
    help: 'Write these files; what is there is not overwritten',
    group: 'Change',
    in: ['setupPlan'],
    hint: 10,
    changes: true,
    disabled: (state) => {
      const plan = setupPlanOf(state);
      if (!plan) return state.setup.looking ? 'looking' : 'go back, and change it';
      return plan.outcome === 'refused' ? 'change what is named first' : null;
    },
    run: () => ({ do: 'set-up' }),
  },
  {
    id: 'setup-again',
    keys: ['r'],
    label: 'look again',
    help: 'Look at the directory again',
    group: 'Look',
    in: ['setupPlan'],
    hint: 20,
    run: () => ({ type: 'setup-look' }),
  },
];

const ROW_LABELS: Record<SetupRow['kind'], string> = {
  text: 'type',
  choice: 'change',
  go: 'show plan',
};

/** Opens the form, with what was filled in before. */
export function openSetup({ setup, machine }: State): Deed[] {
  const wish = setup.wish ?? startingWish(machine?.dir ?? '');
  return [{ type: 'setup-set', wish }, opening({ name: 'setup' })];
}

function look(): Deed[] {
  return [{ type: 'setup-look' }, opening({ name: 'setupPlan' })];
}

function change(state: State, row: SetupRow): Deed | Deed[] {
  const { wish } = state.setup;
  if (row.kind === 'go' || !wish) return look();
  if (row.kind === 'choice') return { type: 'setup-set', wish: turned(wish, row, 1) };
  return opening({ name: 'entry', row: row.id, field: fieldOf(wish[row.id]) });
}

function turn(id: string, keys: string[], label: string, by: number): Binding {
  return {
    id,
    keys,
    label,
    help: `Take the ${label} choice`,
    group: 'PortSync',
    in: ['setup'],
    when: (state) => chosenSetupRow(state).kind === 'choice',
    run: (state) => {
      const { wish } = state.setup;
      return wish ? { type: 'setup-set', wish: turned(wish, chosenSetupRow(state), by) } : [];
    },
  };
}
