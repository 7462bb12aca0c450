import { resolve } from 'node:path';
import { CancelledError, EXIT, type ExitCode, PortSyncError, UsageError } from '../../errors.ts';
import type { Migration } from '../../model/migration.ts';
import { describeTarget } from '../../services/database/url.ts';
import { acceptStructure } from '../../services/migration/accept-structure.ts';
import { begin, orderOf, preflightOf } from '../../services/migration/begin.ts';
import { ensureWorker } from '../../services/migration/client.ts';
import { lookAt } from '../../services/migration/look.ts';
import type { Options, Order } from '../../services/migration/order.ts';
import { placesOf } from '../../services/migration/places.ts';
import { blockersOf } from '../../services/migration/prepare.ts';
import { TRANSITIONS } from '../../services/migration/transitions.ts';
import { answered, type ChangeOptions } from '../change.ts';
import { note, print, printResult, projectDir, runCommand } from '../output.ts';
import { confirm } from '../prompt.ts';
import { answer } from './ask.ts';
import { workHere } from './here.ts';
import { planLines } from './plan.ts';
import { tellFindings } from './preflight.ts';
import { readTarget } from './target.ts';
import { failureOf, watchUntil } from './watch.ts';

export interface StartOptions extends ChangeOptions {
  from?: string;
  deadline: string;
  holdCutover?: boolean;
  rehearse?: boolean;
  proof: string;
  acceptSchema?: boolean;
  detach: boolean;
}

const LEAST_DEADLINE_MS = 300;
const MOST_DEADLINE_MS = 60_000;

/** `portsync migrate [target]`: all of it up to the cut-over, or on with what was begun. */
export function start(given: string | undefined, options: StartOptions): Promise<void> {
  return runCommand(options, async (signal): Promise<ExitCode> => {
    const dir = resolve(projectDir(options));
    const before = await lookAt(placesOf(dir));
    const open = before !== null && !TRANSITIONS[before.state].begun;
    if (given !== undefined || !open) {
      const order = await orderFor(dir, await readTarget(given, signal), options);
      if (!(await agreed(order, options, signal))) return EXIT.foundProblems;
      if (options.dryRun) return EXIT.done;
      await begin(dir, order, signal);
    } else if (options.acceptSchema) {
      await acceptStructure(dir, signal);
    }
    return go(dir, before, options, signal);
  });
}

async function go(
  dir: string,
  before: Migration | null,
  options: StartOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const settled = (migration: Migration) => isSettled(migration);
  const watch = (own: AbortSignal) => watchUntil(dir, settled, options, own);
  if (options.detach) await ensureWorker(dir);
  const after = options.detach
    ? await watch(signal).catch((error) => {
        throw error instanceof CancelledError ? new Left() : error;
      })
    : await workHere(dir, watch, signal);
  const tried = after.cutover?.startedAt !== before?.cutover?.startedAt;
  if (after.state === 'failed' || (tried && after.cutover?.outcome === 'went-back')) {
    // A rehearsal that went well has no problem to tell of.
    if (after.problem ?? after.cutover?.problem) throw failureOf(after);
  }
  answer(after, options);
  return EXIT.done;
}

/** Where it stays until somebody asks for more. */
function isSettled({ state, holdCutover, rehearsal, cutover }: Migration): boolean {
  if (rehearsal) return state === 'finished' || state === 'aborted';
  const tried = cutover !== null && cutover.outcome !== null;
  if (state === 'ready') return holdCutover || tried;
  return ['switched', 'returned', 'finished', 'aborted'].includes(state);
}

async function orderFor(dir: string, target: string, options: StartOptions): Promise<Order> {
  return orderOf({
    ...{ projectDir: dir, target, source: options.from ?? null },
    options: optionsOf(options),
  });
}

/** Shows what was found and what will be done, and asks. False where something stands in the way. */
async function agreed(order: Order, options: StartOptions, signal: AbortSignal): Promise<boolean> {
  const seen = await preflightOf(projectDir(options), order, signal);
  tellFindings(seen, options, note);
  const blockers = blockersOf(seen);
  if (blockers.length > 0) {
    if (options.json) printResult(blockedResult(blockers.map(({ id }) => id)));
    return false;
  }
  const plan = planLines(order, seen);
  if (options.dryRun) {
    if (options.json) printResult({ event: 'result', ok: true, dryRun: true, plan });
    else print(plan.join('\n'));
    return true;
  }
  if (!options.json) note(plan.join('\n'));
  const question = `Move the database to ${describeTarget(order.urls.target).masked}?`;
  await confirm(question, answered(options), signal);
  return true;
}

function blockedResult(ids: readonly string[]) {
  const error = {
    code: 'preflight-blocked',
    message: 'The database cannot be moved yet. Nothing was changed.',
    why: `Blocked by ${ids.join(', ')}.`,
    next: 'Each finding above says how it is cured.',
  };
  return { event: 'result', ok: false, error };
}

function optionsOf({ deadline, holdCutover, rehearse, proof }: StartOptions): Options {
  const deadlineMs = Number(deadline);
  const fits = deadlineMs >= LEAST_DEADLINE_MS && deadlineMs <= MOST_DEADLINE_MS;
  if (!Number.isInteger(deadlineMs) || !fits) {
    throw wrong('--deadline', deadline, `It is ${LEAST_DEADLINE_MS} to ${MOST_DEADLINE_MS} ms.`);
  }
  if (proof !== 'quick' && proof !== 'full') throw wrong('--proof', proof, 'It is quick or full.');
  return {
    ...{ deadlineMs, proof },
    ...{ holdCutover: holdCutover ?? false, rehearsal: rehearse ?? false },
  };
}

function wrong(option: string, value: string, why: string): UsageError {
  const next = 'portsync migrate --help shows what it takes.';
  return new UsageError({ code: 'usage', message: `${option} cannot be “${value}”.`, why, next });
}

/** Ctrl-C ends the looking, and not the migration. */
class Left extends PortSyncError {
  override readonly exitCode = EXIT.interrupted;

  constructor() {
    super({
      code: 'left',
      message: 'The migration goes on without this command.',
      next: 'Look at it with portsync migrate status; give it up with portsync migrate abort.',
    });
  }
}
