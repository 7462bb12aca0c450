import { placeIn } from '../../model/mask-url.ts';
import type { Migration } from '../../model/migration.ts';
import type { Draft } from '../migration.ts';
import type { Question, State } from '../state.ts';

const DEADLINE_MS = 5000;

/** Until the switch, nothing but load is felt of it. */
export function startQuestion({ target, checked }: Draft): Question {
  return {
    title: `Move the database to ${placeIn(checked?.target ?? 'the new server')}?`,
    steps: [
      'its schema and rows are copied while the app goes on',
      'what changes meanwhile follows, until both are in step',
      'then it waits for you: c cuts over',
    ],
    kept: 'Database and app stay as they are until you cut over.',
    back: 'a stops it at any time; nothing of yours was changed then.',
    yes: 'start',
    effect: { do: 'migrate-start', target },
  };
}

/** What a cut-over does, in five lines. */
export function cutoverSteps(migration: Migration): string[] {
  const limit = ((migration.cutover?.deadlineMs ?? DEADLINE_MS) / 1000).toFixed(0);
  return [
    'a second set of replicas starts with the new database',
    `new requests wait; after ${limit} s everything goes back by itself`,
    'the last changes go over, and both are compared',
    'the waiting requests go on, with the new database',
    noWayBack(migration) === null
      ? 'the old one is kept in step, so that b goes back'
      : 'the old one stays as it was then; it is not kept in step',
  ];
}

/** Why there will be no way back, as the preflight found; null where there will be one. */
function noWayBack({ preflight }: Migration): string | null {
  const { possible, why } = preflight?.wayBack ?? { possible: true, why: null };
  return possible ? null : (why ?? 'the new server does not give its changes');
}

export function cutoverQuestion(migration: Migration): Question {
  const { rehearsal, target } = migration;
  const none = noWayBack(migration);
  return {
    title: rehearsal ? 'Rehearse the cut-over?' : `Cut over to ${placeIn(target)}?`,
    steps: rehearsal
      ? [...cutoverSteps(migration).slice(0, 3), 'then everything goes back, as planned']
      : cutoverSteps(migration),
    kept: 'Every acknowledged write. No request fails; they wait.',
    back:
      none === null ? 'b, for as long as you have not finished.' : `None without loss: ${none}.`,
    yes: rehearsal ? 'rehearse' : 'cut over',
    effect: { do: 'migrate-cutover' },
  };
}

export function backQuestion({ source }: Migration): Question {
  return {
    title: `Go back to ${placeIn(source)}?`,
    steps: [
      'a second set of replicas starts with the old database',
      'new requests wait while the last changes go back',
      'the waiting requests go on, with the old database',
    ],
    kept: 'Everything, also what was written since the cut-over.',
    back: 'A new move; what is at the new server stays there.',
    yes: 'go back',
    effect: { do: 'migrate-back' },
  };
}

/** The only step of a move that cannot be taken back. The side that does not serve is let go. */
export function finishQuestion({ project }: State, { state, source, target }: Migration): Question {
  const [one, place] = state === 'returned' ? ['new', target] : ['old', source];
  return {
    title: `Finish, and let go of the ${one} database?`,
    steps: [
      `the ${one} database is no longer kept in step`,
      'what PortSync made in both is removed',
    ],
    kept: `All data: the ${one} one (${placeIn(place)}) stays as it is then.`,
    back: 'None: the way between them is closed after this.',
    yes: 'finish',
    name: project?.name ?? 'finish',
    effect: { do: 'migrate-finish' },
  };
}

export function abortQuestion({ target }: Migration): Question {
  return {
    title: 'Stop the move?',
    kept: `Your database and your app. What was copied stays at ${placeIn(target)}.`,
    back: 'Start again, with an empty database there.',
    yes: 'stop it',
    effect: { do: 'migrate-abort' },
  };
}
