import { toProblem } from '../errors.ts';
import type { Actions } from '../model/actions.ts';
import type { Container, LogLine } from '../model/container.ts';
import { type RestoreEffect, restoreWords, runRestore } from './env-restore.ts';
import type { Event } from './events.ts';
import { type MigrationEffect, migrationWords, runMigration } from './migration-effects.ts';
import { runStarter, type StarterEffect } from './starter-effects.ts';

/** What someone chose on the start menu that opens another view. */
export type Opening =
  | { kind: 'lab' }
  | { kind: 'ssh'; address: string }
  | { kind: 'project'; dir: string };

/** What a key asks of the outside world, as data: the root carries it out. */
export type Effect =
  | { do: 'start' | 'stop' | 'restart'; container: Container }
  | { do: 'kill-replica' | 'start-replica'; name: string }
  | { do: 'spike'; on: boolean }
  /** Into the text box that asks for a connection string. */
  | { do: 'lab-target' }
  | { do: 'save-logs'; container: Container; lines: readonly LogLine[] }
  | { do: 'reveal'; version: string; key: string }
  | { do: 'env-places' }
  | RestoreEffect
  | MigrationEffect
  | StarterEffect
  /** Into the clipboard of whoever sits at the terminal. */
  | { do: 'copy'; text: string }
  | { do: 'open'; opening: Opening }
  | { do: 'repaint' }
  | { do: 'quit' };

/** Who carries effects out. */
export interface Outside {
  actions: Actions;
  onQuit: () => void;
  onRepaint: () => void;
  onOpen: (opening: Opening) => void;
  onCopy: (text: string) => void;
}

const REVEAL_MS = 10_000;
const PLACES_MS = 30_000;

/** Says at once that it was heard, then how it went. Never rejects. */
export async function runEffect(
  effect: Effect,
  outside: Outside,
  dispatch: (event: Event) => void,
): Promise<void> {
  const said = words(effect);
  const toast = (kind: 'doing' | 'done', what: string) =>
    dispatch({ type: 'toast', toast: { kind, what, why: null, next: null } });
  if (said) toast('doing', said.doing);
  try {
    const answer = await carryOut(effect, outside, dispatch);
    if (said && said.done !== null) toast('done', said.done + (answer ?? ''));
    else if (said) dispatch({ type: 'toast-gone' });
  } catch (error) {
    const { message, why, next } = toProblem(error);
    dispatch({ type: 'toast', toast: { kind: 'failed', what: message, why, next } });
  }
}

async function carryOut(
  effect: Effect,
  { actions, onQuit, onRepaint, onOpen, onCopy }: Outside,
  dispatch: (event: Event) => void,
): Promise<string | undefined> {
  switch (effect.do) {
    case 'start':
      await actions.startContainer(effect.container);
      return;
    case 'stop':
      await actions.stopContainer(effect.container);
      return;
    case 'restart':
      await actions.restartContainer(effect.container);
      return;
    case 'kill-replica':
      await actions.lab?.killReplica(effect.name);
      return;
    case 'start-replica':
      await actions.lab?.startReplica(effect.name);
      return;
    case 'spike':
      await actions.lab?.setSpike(effect.on);
      return;
    case 'lab-target':
      dispatch({ type: 'paste', text: (await actions.lab?.target()) ?? '' });
      return;
    case 'save-logs':
      return actions.saveLogs(effect.container, effect.lines);
    case 'reveal': {
      const limit = AbortSignal.timeout(REVEAL_MS);
      const value = await actions.envReveal(effect.version, effect.key, limit);
      dispatch({ type: 'revealed', key: effect.key, value });
      return;
    }
    case 'env-places':
      await showPlaces(actions, dispatch);
      return;
    case 'plan-restore':
    case 'restore':
      await runRestore(effect, actions, dispatch);
      return;
    case 'migrate-start':
    case 'migrate-cutover':
    case 'migrate-verify':
    case 'migrate-back':
    case 'migrate-finish':
    case 'migrate-abort':
      await runMigration(effect, actions, dispatch);
      return;
    case 'set-up':
    case 'up':
    case 'down':
      await runStarter(effect, actions, dispatch, onOpen);
      return;
    case 'copy':
      return void onCopy(effect.text);
    case 'open':
      return void onOpen(effect.opening);
    case 'repaint':
      return void onRepaint();
    case 'quit':
      return void onQuit();
  }
}

/** Each machine is asked: on a slow line that takes its time. */
async function showPlaces(actions: Actions, dispatch: (event: Event) => void): Promise<void> {
  dispatch({ type: 'env-places', places: 'reading' });
  try {
    const places = await actions.envPlaces(AbortSignal.timeout(PLACES_MS));
    dispatch({ type: 'env-places', places });
  } catch (error) {
    dispatch({ type: 'env-places', places: null });
    throw error;
  }
}

/** Null where the effect is seen at once and needs no words. */
function words(effect: Effect): { doing: string; done: string | null } | null {
  switch (effect.do) {
    case 'start':
      return said('Starting', 'Started', effect.container.name);
    case 'stop':
      return said('Stopping', 'Stopped', effect.container.name);
    case 'restart':
      return said('Restarting', 'Restarted', effect.container.name);
    case 'kill-replica':
      return said('Killing', 'Killed', effect.name);
    case 'start-replica':
      return said('Starting', 'Started', effect.name);
    case 'spike':
      return effect.on
        ? { doing: 'Starting a traffic spike …', done: 'The spike is on.' }
        : { doing: 'Ending the spike …', done: 'The spike is over.' };
    case 'save-logs':
      return { doing: 'Saving the log …', done: 'Saved what is shown to ' };
    case 'set-up':
      return { doing: 'Writing …', done: null };
    case 'copy':
      return { doing: 'Copying …', done: 'Copied, where your terminal takes it (OSC 52).' };
    case 'plan-restore':
    case 'restore':
      return restoreWords(effect);
    case 'migrate-start':
    case 'migrate-cutover':
    case 'migrate-verify':
    case 'migrate-back':
    case 'migrate-finish':
    case 'migrate-abort':
      return migrationWords(effect);
    default:
      return null;
  }
}

function said(doing: string, done: string, name: string) {
  return { doing: `${doing} ${name} …`, done: `${done} ${name}.` };
}
