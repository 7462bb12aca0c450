import { toProblem, UsageError } from '../errors.ts';
import type { Actions } from '../model/actions.ts';
import type { StackNews } from '../model/starter.ts';
import type { Opening } from './effects.ts';
import type { Event } from './events.ts';

export type StarterEffect =
  /** Writes what was planned, then opens the project. */
  | { do: 'set-up' }
  | { do: 'up' }
  /** `volume` is removed for good. */
  | { do: 'down'; volume: string | null };

export async function runStarter(
  effect: StarterEffect,
  { setup, stack }: Pick<Actions, 'setup' | 'stack'>,
  dispatch: (event: Event) => void,
  open: (opening: Opening) => void,
): Promise<void> {
  if (effect.do === 'set-up') {
    if (!setup) throw notHere();
    return open({ kind: 'project', dir: await setup.write() });
  }
  if (!stack) throw notHere();
  dispatch({ type: 'stack-began' });
  const report = (news: StackNews) => dispatch({ type: 'stack-news', news });
  try {
    await (effect.do === 'up' ? stack.up(report) : stack.down(effect.volume, report));
    dispatch({ type: 'stack-ended', problem: null });
  } catch (error) {
    // Told on its screen, which stays; a toast would go.
    dispatch({ type: 'stack-ended', problem: toProblem(error) });
  }
}

export function notHere(): UsageError {
  return new UsageError({
    code: 'no-stack',
    message: 'Nothing can be started from here.',
    why: 'No project directory is watched.',
    next: 'Run portsync tui in the directory that holds the compose file.',
  });
}
