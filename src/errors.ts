import { fullDiskOf } from './model/full-disk.ts';
import type { Problem } from './model/problem.ts';

/** Exit codes are part of the interface: scripts branch on them. */
export const EXIT = { done: 0, failed: 1, usage: 2, foundProblems: 3, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

interface Details {
  code: string;
  message: string;
  why?: string | null;
  next?: string | null;
  cause?: unknown;
}

/** Every failure that PortSync foresaw. Anything else that is thrown is a bug in PortSync. */
export class PortSyncError extends Error {
  readonly code: string;
  readonly why: string | null;
  readonly next: string | null;
  readonly exitCode: ExitCode = EXIT.failed;

  constructor({ code, message, why = null, next = null, cause }: Details) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.why = why;
    this.next = next;
  }
}

/** The person asked for something that cannot be done as it was asked. */
export class UsageError extends PortSyncError {
  override readonly exitCode = EXIT.usage;
}

/** A system outside PortSync (an engine, a database, a host) did not do its part. */
export class ExternalError extends PortSyncError {}

/** The person, or a deadline above us, said stop. */
export class CancelledError extends PortSyncError {
  override readonly exitCode = EXIT.interrupted;

  constructor(cause?: unknown) {
    super({ code: 'cancelled', message: 'Stopped before it was done.', cause });
  }
}

export function toProblem(error: unknown): Problem {
  if (error instanceof PortSyncError) {
    const { code, message, why, next } = error;
    return { code, message, why, next };
  }
  const full = fullDiskOf(error);
  if (full) {
    return {
      code: 'disk-full',
      message: full.path === null ? 'The disk is full.' : `The disk of ${full.path} is full.`,
      why: 'What was to be written had no room there.',
      next: 'Free some space, and run the command again.',
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'bug', message, why: 'PortSync did not expect this.', next: null };
}
