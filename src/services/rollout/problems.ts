import { ExternalError, toProblem, UsageError } from '../../errors.ts';
import type { Colour } from '../../model/container.ts';
import type { Job } from '../../model/job.ts';
import type { Problem } from '../../model/problem.ts';

export function died(replica: string): ExternalError {
  return new ExternalError({
    code: 'replica-died',
    message: `${replica} ended by itself soon after it began to serve.`,
    why: 'It was healthy before requests came to it.',
    next: `Read its log: portsync tui, then l on ${replica}.`,
  });
}

/** Told where the way back failed as well; the journal stays open, so that the next command tries again. */
export function notUndone(first: Problem, cause: unknown): ExternalError {
  const second = cause instanceof Error ? cause.message : String(cause);
  return new ExternalError({
    code: 'not-undone',
    message: first.message,
    why: [first.why, `Going back failed too: ${second}`].filter(Boolean).join('\n'),
    next: 'portsync recover tries again.',
    cause,
  });
}

/** Told after the switch, when only the end of the old replicas is missing; the journal stays open. */
export function notFinished(to: Colour, cause: unknown): ExternalError {
  return new ExternalError({
    code: 'not-finished',
    message: `${to} serves and is well, but the replicas before it could not be stopped.`,
    why: toProblem(cause).message,
    next: 'portsync recover does the rest.',
    cause,
  });
}

export function servingChanged(expected: Colour | null, found: Colour | null): ExternalError {
  return new ExternalError({
    code: 'changed-meanwhile',
    message: 'What serves changed after the plan was made. Nothing was changed.',
    why: `${expected ?? 'Nothing'} served then, and ${found ?? 'nothing'} does now.`,
    next: 'Run the command again, and look at the new plan.',
  });
}

export function noReplicas(kept: boolean, to: Colour): UsageError {
  return new UsageError({
    code: kept ? 'nothing-kept' : 'no-replicas',
    message: kept
      ? 'There is nothing to roll back to.'
      : 'How many replicas there are to be is not known.',
    why: kept ? `No stopped ${to} replica is kept.` : 'None runs now.',
    next: kept ? 'portsync deploy IMAGE brings an older image.' : 'Say it: --replicas 2',
  });
}

export function stillBroken({ what, at }: Job): ExternalError {
  return new ExternalError({
    code: 'not-recovered',
    message: `“${what}”, which was cut off, could neither be finished nor undone.`,
    why: `It began at ${at}. No colour that could serve was found; nothing was touched.`,
    next: 'Look at the replicas’ logs (portsync tui), start what should serve, then: portsync recover',
  });
}
