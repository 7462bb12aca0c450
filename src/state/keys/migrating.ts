import type { Migration } from '../../model/migration.ts';
import { isActive, isStalled, migrationOf, stepOf } from '../migration.ts';
import { emptyTarget, targetBox } from '../migration-target.ts';
import type { Question, State } from '../state.ts';
import type { Binding, Deed } from './binding.ts';
import { asking, atStep, opening } from './deeds.ts';
import {
  abortQuestion,
  backQuestion,
  cutoverQuestion,
  finishQuestion,
} from './migration-questions.ts';

/** From the start of a move to its end. */
export const migrating: Binding[] = [
  {
    id: 'cut-over',
    keys: ['c'],
    label: 'cut over',
    help: 'Cut over: the app goes on with the new database',
    group: 'Change',
    in: ['migrate'],
    when: atStep('under-way', 'in-step', 'returned'),
    hint: 10,
    changes: true,
    disabled: (state) => notInStep(state) ?? stalled(state),
    run: (state) => about(state, cutoverQuestion),
  },
  {
    id: 'resume',
    keys: ['R'],
    label: 'go on',
    help: 'Go on with the move where it stopped',
    group: 'Change',
    in: ['migrate'],
    when: (state) => resumable(state),
    hint: 5,
    changes: true,
    run: () => ({ do: 'migrate-start', target: null }),
  },
  {
    id: 'proof',
    keys: ['v'],
    label: 'proof',
    help: 'How the tables compare, one by one',
    group: 'Look',
    in: ['migrate'],
    when: atStep('in-step', 'switched', 'returned', 'ended'),
    hint: 20,
    disabled: (state) => (migrationOf(state)?.proof ? null : 'not compared yet'),
    run: () => opening({ name: 'proof' }),
  },
  {
    id: 'verify',
    keys: ['r'],
    label: 'compare again',
    help: 'Compare every row of both databases again',
    group: 'Look',
    in: ['proof'],
    hint: 20,
    changes: true,
    disabled: (state) => (stepOf(state) === 'ended' ? 'the move has ended' : stalled(state)),
    run: () => ({ do: 'migrate-verify' }),
  },
  {
    id: 'go-back',
    keys: ['b'],
    label: 'go back',
    help: 'Go back to the old database, without loss',
    group: 'Change',
    in: ['migrate'],
    when: atStep('switched'),
    hint: 30,
    changes: true,
    disabled: (state) => stalled(state) ?? noWayBack(state),
    run: (state) => about(state, backQuestion),
  },
  {
    id: 'finish',
    keys: ['f'],
    label: 'finish and let go',
    help: 'Finish: the database that does not serve is let go',
    group: 'Change',
    in: ['migrate'],
    when: atStep('switched', 'returned'),
    hint: 40,
    changes: true,
    run: (state) => about(state, (migration) => finishQuestion(state, migration)),
  },
  {
    id: 'abort',
    keys: ['a'],
    label: 'stop the move',
    help: 'Stop the move; the app goes on with its old database',
    group: 'Change',
    in: ['migrate'],
    when: atStep('under-way', 'in-step', 'pause', 'returned'),
    hint: 60,
    changes: true,
    disabled: (state) =>
      migrationOf(state)?.cutover?.way === 'back' && stepOf(state) === 'pause'
        ? 'going back is under way'
        : null,
    run: (state) => about(state, abortQuestion),
  },
  {
    id: 'move-again',
    keys: ['enter'],
    label: 'move again',
    help: 'Move the database once more',
    group: 'Change',
    in: ['migrate'],
    when: atStep('ended'),
    hint: 10,
    run: () => [{ type: 'again' }, opening(targetBox(emptyTarget))],
  },
];

function about(state: State, question: (migration: Migration) => Question): Deed | Deed[] {
  const migration = migrationOf(state);
  return migration ? asking(question(migration)) : [];
}

function resumable(state: State): boolean {
  const migration = migrationOf(state);
  if (!migration || !isActive(migration)) return false;
  return migration.state === 'failed' || isStalled(migration);
}

function stalled(state: State): string | null {
  const migration = migrationOf(state);
  return migration && isStalled(migration) ? 'R first: nothing works on it' : null;
}

function noWayBack(state: State): string | null {
  const { open: isOpen, why } = migrationOf(state)?.wayBack ?? { open: false, why: null };
  return isOpen ? null : (why ?? 'the way back is not open');
}

function notInStep(state: State): string | null {
  const step = stepOf(state);
  if (step === 'under-way') return 'not in step yet';
  return step === 'returned' && !migrationOf(state)?.follow ? 'no longer in step' : null;
}
