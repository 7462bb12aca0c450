import { ExternalError, PortSyncError, toProblem, UsageError } from '../../errors.ts';
import type { Proof } from '../../model/migration.ts';
import type { Problem } from '../../model/problem.ts';
import type { Steps } from './steps.ts';

const SHOWN_OBJECTS = 5;

export function notEqual(proof: Proof): ExternalError {
  const different = proof.objects.filter(({ equal }) => !equal).map(({ name }) => name);
  const more = different.length - SHOWN_OBJECTS;
  const names = different.slice(0, SHOWN_OBJECTS).join(', ') + (more > 0 ? `, ${more} more` : '');
  return new ExternalError({
    code: 'not-equal',
    message: 'The two databases are not equal.',
    why: [names, ...proof.differences].filter((each) => each !== '').join('; ') || null,
    next: 'portsync migrate verify compares every row and says where they differ.',
  });
}

export function problemOf(error: unknown): Problem {
  if (!isTimeout(error)) return toProblem(error);
  return {
    code: 'too-slow',
    message: 'A step took too long.',
    why: 'One of the systems did not answer in time.',
    next: WATCH,
  };
}

/** Why a cut-over went back, with the step that was under way. */
export function wentBack(error: unknown, steps: Steps, deadlineMs: number): Problem {
  if (isTimeout(error)) return tooLong(steps, deadlineMs);
  const { code, message, why, next } = problemOf(error);
  return {
    code,
    message: 'The cut-over went back. Nothing was lost.',
    why: [message, why].filter((each) => each !== null).join(' '),
    next: next ?? TRY_AGAIN,
  };
}

export const DIED_IN_CUTOVER: Problem = {
  code: 'cutover-interrupted',
  message: 'The cut-over went back. Nothing was lost.',
  why: 'The process that did it ended before the switch was decided.',
  next: 'portsync migrate cutover tries again.',
};

export const WATCH = 'portsync migrate status shows how it goes.';
const TRY_AGAIN = 'portsync migrate cutover tries again.';

function tooLong(steps: Steps, deadlineMs: number): Problem {
  const open = steps.doing.map(([step, ms]) => `${step} had not ended after ${Math.round(ms)} ms`);
  const ended = [...steps.took].map(([step, ms]) => `${step} ${Math.round(ms)} ms`);
  return {
    code: 'cutover-deadline',
    message: `The cut-over was not through within ${deadlineMs} ms and went back. Nothing was lost.`,
    why: `${open.join(', ') || 'All steps together took too long'} (${ended.join(', ')}).`,
    next: 'Try at a quieter time (portsync migrate cutover), or begin with a longer --deadline.',
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

/** Somebody's stop, and not a failure. */
export function isStop(error: unknown): boolean {
  return error instanceof PortSyncError && error.code === 'cancelled';
}

export function refused(message: string, why: string, next: string): UsageError {
  return new UsageError({ code: 'migration-state', message, why, next });
}

/** The code of `heldBy`. */
export const HELD = 'migration-held';

export function heldBy(who: string, lockPath: string): UsageError {
  return new UsageError({
    code: HELD,
    message: 'Another PortSync works on this migration.',
    why: `${who} holds ${lockPath}.`,
    next: WATCH,
  });
}

export function nothingBegun(): UsageError {
  return new UsageError({
    code: 'no-migration',
    message: 'No migration was begun in this project.',
    next: 'Begin one with: portsync migrate TARGET',
  });
}

export function appGone(): ExternalError {
  return new ExternalError({
    code: 'app-gone',
    message: 'The migration cannot go on: its app is not running.',
    why: 'It was begun with a load balancer and replicas, and they do not answer now.',
    next: 'Bring the app up, then run portsync migrate.',
  });
}

export function workerGone(cause: unknown): ExternalError {
  return new ExternalError({
    code: 'worker-gone',
    message: 'The process that works on the migration does not answer.',
    why: 'It has ended, or is ending.',
    next: 'portsync migrate goes on with it.',
    cause,
  });
}
