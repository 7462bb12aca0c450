import { resolve } from 'node:path';
import type { Migration } from '../../model/migration.ts';
import { askFor, askToEnd, mustLook } from '../../services/migration/client.ts';
import { placesOf } from '../../services/migration/places.ts';
import type { Ending } from '../../services/migration/position.ts';
import { answered } from '../change.ts';
import { type CommonOptions, note, print, printResult, projectDir, runCommand } from '../output.ts';
import { confirm } from '../prompt.ts';
import { resultOf } from './result.ts';
import { statusLines } from './text.ts';
import { failureOf, watchUntil } from './watch.ts';

export type Asking = CommonOptions & { yes?: boolean; dropCopy?: boolean };

export function cutover(options: Asking): Promise<void> {
  return turn('cutover', options, ({ source, target }) => [
    `Move the app from ${source} to ${target}.`,
    'Requests wait meanwhile; whatever fails before the switch is undone.',
    'To go back afterwards: portsync migrate back',
  ]);
}

export function back(options: Asking): Promise<void> {
  return turn('back', options, ({ source, target }) => [
    `Move the app back from ${target} to ${source}, with everything written since.`,
    'Requests wait meanwhile; whatever fails before the switch is undone.',
  ]);
}

export function verify(options: Asking): Promise<void> {
  return runCommand(options, async (signal) => {
    const dir = resolve(projectDir(options));
    const before = await mustLook(placesOf(dir));
    await askFor(dir, 'verify', signal);
    const after = await watchUntil(
      dir,
      ({ proof, problem }) =>
        proof?.at !== before.proof?.at || (problem !== null && !same(problem, before.problem)),
      options,
      signal,
    );
    if (after.problem && !same(after.problem, before.problem)) throw failureOf(after);
    answer(after, options);
    return undefined;
  });
}

export function finish(options: Asking): Promise<void> {
  return endBy({ how: 'finish', dropCopy: false }, options, ({ state, source, target }) => {
    const [kept, left] = state === 'returned' ? [source, target] : [target, source];
    return [
      `Stay on ${kept}, and let go of ${left}.`,
      'Nothing flows between them any more, and there is no going back by a command.',
      `${left} keeps its data and goes on refusing writes, so that nothing is written to it by`,
      'mistake: portsync migrate cleanup --lift-fence ends that.',
    ];
  });
}

export function abort(options: Asking): Promise<void> {
  const dropCopy = options.dropCopy ?? false;
  return endBy({ how: 'abort', dropCopy }, options, ({ source, target }) => [
    `Give up. The app stays on ${source}, as it is.`,
    dropCopy
      ? `What PortSync copied to ${target} is removed.`
      : `What was copied to ${target} stays there; --drop-copy removes it.`,
  ]);
}

function turn(
  asked: 'cutover' | 'back',
  options: Asking,
  plan: (migration: Migration) => string[],
): Promise<void> {
  return runCommand(options, async (signal) => {
    const dir = resolve(projectDir(options));
    const before = await mustLook(placesOf(dir));
    await ask(plan(before), options, signal);
    await askFor(dir, asked, signal);
    const after = await watchUntil(
      dir,
      ({ cutover }) => cutover?.startedAt !== before.cutover?.startedAt && cutover?.outcome != null,
      options,
      signal,
    );
    if (after.cutover?.outcome === 'went-back') throw failureOf(after);
    answer(after, options);
    return undefined;
  });
}

function endBy(
  ending: Ending,
  options: Asking,
  plan: (migration: Migration) => string[],
): Promise<void> {
  return runCommand(options, async (signal) => {
    const dir = resolve(projectDir(options));
    const before = await mustLook(placesOf(dir));
    await ask(plan(before), options, signal);
    await askToEnd(dir, ending, signal);
    // Asked during the way back, it ends that, and the app stays on the new database.
    const over = (now: Migration) =>
      ended(now) || (stopped(before) && now.cutover?.outcome !== null);
    const after = await watchUntil(dir, over, options, signal);
    if (after.problem) throw failureOf(after);
    answer(after, options);
    return undefined;
  });
}

/** And nobody is left who would keep the next one from beginning. */
function ended({ state, worker }: Migration): boolean {
  return (state === 'finished' || state === 'aborted') && worker === null;
}

function stopped({ state, cutover }: Migration): boolean {
  return state === 'cutting-over' && cutover?.way === 'back';
}

async function ask(plan: readonly string[], options: Asking, signal: AbortSignal): Promise<void> {
  if (!options.json) note(plan.join('\n'));
  await confirm('Go ahead?', answered(options), signal);
}

export function answer(migration: Migration, options: CommonOptions): void {
  if (options.json) printResult({ event: 'result', ok: true, ...resultOf(migration) });
  else print(statusLines(migration).join('\n'));
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
