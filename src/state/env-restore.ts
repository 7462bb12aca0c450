import type { Actions, RestorePlan } from '../model/actions.ts';
import type { Event } from './events.ts';
import type { Question } from './state.ts';

export type RestoreEffect =
  /** Reads what it would do, then asks. */
  { do: 'plan-restore'; version: string } | { do: 'restore'; version: string };

const PLAN_MS = 10_000;

export async function runRestore(
  effect: RestoreEffect,
  actions: Pick<Actions, 'envRestorePlan' | 'envRestore'>,
  dispatch: (event: Event) => void,
): Promise<void> {
  const { version } = effect;
  if (effect.do === 'restore') {
    const report = (words: string) =>
      dispatch({
        type: 'toast',
        toast: { kind: 'doing', what: `${words} …`, why: null, next: null },
      });
    return actions.envRestore(version, report);
  }
  const plan = await actions.envRestorePlan(version, AbortSignal.timeout(PLAN_MS));
  const question = restoreQuestion(version, plan);
  dispatch({ type: 'open', overlay: { name: 'confirm', question } });
}

export function restoreQuestion(
  version: string,
  { changes, steps, warnings, replicas }: RestorePlan,
): Question {
  return {
    title: `Bring back version ${shortId(version)} of .env?`,
    changes,
    steps,
    warnings,
    kept: replicas
      ? 'Every request is answered. The .env as it is now stays as a version.'
      : 'The .env as it is now stays as a version.',
    back: 'Restore the version that is current now.',
    yes: 'restore',
    effect: { do: 'restore', version },
  };
}

export function restoreWords({ do: what, version }: RestoreEffect) {
  if (what === 'plan-restore') return { doing: 'Reading what it would change …', done: null };
  const doing = `Bringing version ${shortId(version)} back …`;
  return { doing, done: `Version ${shortId(version)} is back.` };
}

/** The time in it is unique; the hash after it is for machines. */
function shortId(id: string): string {
  return id.split('-')[0] ?? id;
}
