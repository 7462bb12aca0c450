import { stepOf } from '../migration.ts';
import { chosenFinding, counted } from '../migration-draft.ts';
import { emptyTarget, targetBox } from '../migration-target.ts';
import { type State, topOf } from '../state.ts';
import type { Binding } from './binding.ts';
import { asking, atStep, opening } from './deeds.ts';
import { startQuestion } from './migration-questions.ts';

/** From the connection string to the start of a move. */
export const preflight: Binding[] = [
  {
    id: 'migrate',
    keys: ['m'],
    label: 'move db',
    help: 'Move the database to another server, or see how it goes on',
    group: 'Look',
    in: ['dashboard', 'zoom'],
    hint: 60,
    run: (state) => [
      opening({ name: 'migrate' }),
      ...(stepOf(state) === 'target' ? [opening(targetBox(emptyTarget))] : []),
    ],
  },
  {
    id: 'target',
    keys: ['enter'],
    label: 'connection string',
    help: 'Paste or type where the database shall move to',
    group: 'Change',
    in: ['migrate'],
    when: atStep('target'),
    hint: 10,
    run: () => opening(targetBox(emptyTarget)),
  },
  {
    id: 'check',
    keys: ['enter'],
    label: 'look at it',
    help: 'Look at both servers; changes nothing',
    group: 'PortSync',
    in: ['target'],
    hint: 10,
    disabled: (state) => (typedTarget(state) === null ? 'paste a connection string first' : null),
    run: (state) => {
      const field = typedTarget(state);
      return field ? [{ type: 'close' }, { type: 'check', target: field.secret }] : [];
    },
  },
  {
    id: 'lab-target',
    keys: ['tab'],
    label: 'the lab’s second server',
    help: 'Fill in the lab’s empty second server, which stands for a cloud’s',
    group: 'PortSync',
    in: ['target'],
    when: (state) => state.project?.lab ?? false,
    hint: 20,
    run: () => ({ do: 'lab-target' }),
  },
  {
    id: 'leave-target',
    keys: ['esc'],
    label: 'back',
    help: 'Go back; nothing happens',
    group: 'PortSync',
    in: ['target'],
    hint: 30,
    run: () => [{ type: 'close' }, { type: 'close' }],
  },
  {
    id: 'finding',
    keys: ['enter'],
    label: (state) => (onOk(state) ? (state.draft.allShown ? 'fold' : 'unfold') : 'why, cure'),
    help: 'Open the chosen finding: why it matters, and its cure',
    group: 'Look',
    in: ['migrate'],
    when: atStep('preflight'),
    hint: 20,
    disabled: (state) => (chosenFinding(state) ? null : 'looking'),
    run: (state) => (onOk(state) ? { type: 'all-findings' } : opening({ name: 'finding' })),
  },
  {
    id: 'copy-cure',
    keys: ['y'],
    label: 'copy cure',
    help: 'Copy the cure of the chosen finding to your clipboard',
    group: 'Look',
    in: ['migrate', 'finding'],
    when: atStep('preflight'),
    hint: 30,
    disabled: (state) => (chosenFinding(state)?.finding?.cure ? null : 'nothing to copy'),
    run: (state) => ({ do: 'copy', text: chosenFinding(state)?.finding?.cure ?? '' }),
  },
  {
    id: 'start-move',
    keys: ['s'],
    label: 'start',
    help: 'Start to copy; the app goes on, and nothing of yours is changed',
    group: 'Change',
    in: ['migrate', 'finding'],
    when: atStep('preflight'),
    hint: 10,
    changes: true,
    disabled: notStartable,
    run: (state) => asking(startQuestion(state.draft)),
  },
  {
    id: 'look-again',
    keys: ['r'],
    label: 'look again',
    help: 'Look at both servers again',
    group: 'Look',
    in: ['migrate', 'finding'],
    when: atStep('preflight'),
    hint: 40,
    disabled: (state) => (state.draft.checked ? null : 'looking'),
    run: () => ({ type: 'check-again' }),
  },
  {
    id: 'other-target',
    keys: ['esc'],
    label: 'other server',
    help: 'Back to the connection string',
    group: 'PortSync',
    in: ['migrate'],
    when: atStep('preflight'),
    hint: 50,
    run: () => ({ type: 'check-dropped' }),
  },
];

function typedTarget(state: State) {
  const top = topOf(state);
  return top?.name === 'target' && top.field.text.trim() !== '' ? top.field : null;
}

function onOk(state: State): boolean {
  return chosenFinding(state)?.id === 'ok';
}

function notStartable(state: State): string | null {
  if (state.draft.starting) return 'starting';
  if (!state.draft.checked) return 'looking';
  const { blocker } = counted(state);
  return blocker > 0 ? `${blocker} ${blocker === 1 ? 'finding blocks' : 'findings block'}` : null;
}
