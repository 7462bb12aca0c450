import { type MigrateStep, stepOf } from '../migration.ts';
import type { Overlay, Question, State } from '../state.ts';
import { emptyField } from '../text-field.ts';
import type { Deed } from './binding.ts';

export function opening(overlay: Overlay): Deed {
  return { type: 'open', overlay };
}

/** Asks first; for its name where there is no way back. */
export function asking(question: Question): Deed {
  return question.name === undefined
    ? opening({ name: 'confirm', question })
    : opening({ name: 'confirmName', question, field: emptyField });
}

/** For `when`: only at these steps of moving the database. */
export function atStep(...steps: MigrateStep[]) {
  return (state: State) => steps.includes(stepOf(state));
}
