import { ExternalError } from '../../errors.ts';
import type { Colour } from '../../model/container.ts';
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

export function servingChanged(expected: Colour | null, found: Colour | null): ExternalError {
  return new ExternalError({
    code: 'changed-meanwhile',
    message: 'What serves changed after the plan was made. Nothing was changed.',
    why: `${expected ?? 'Nothing'} served then, and ${found ?? 'nothing'} does now.`,
    next: 'Run the command again, and look at the new plan.',
  });
}
