import { ExternalError, PortSyncError } from '../../../errors.ts';
import { sqlState } from '../errors.ts';
import { markDone, markLeftOut, NOTE, type RecordedStep } from './record.ts';
import type { Session } from './session.ts';

/** Something of the schema that the target does not have, and why. */
export interface SchemaNote {
  /** Like `event trigger audit`. */
  object: string;
  why: string;
}

const BATCH = 50;
const EXISTS = new Set(['42P06', '42P07', '42710', '42723', '42701']);

/**
 * Runs those of `steps` that still wait, in their order. Many at once where all goes well, each
 * alone where one of them fails, so that a step is either done and known to be, or neither.
 * @throws ExternalError of the first step that is needed and fails
 */
export async function runSteps(
  target: Session,
  steps: readonly RecordedStep[],
  signal: AbortSignal,
): Promise<void> {
  const waiting = steps.filter(({ state }) => state === 'waiting');
  for (let at = 0; at < waiting.length; at += BATCH) {
    const batch = waiting.slice(at, at + BATCH);
    if (await tryAll(target, batch, signal)) continue;
    for (const step of batch) await runStep(target, step, signal);
  }
}

async function tryAll(
  target: Session,
  batch: readonly RecordedStep[],
  signal: AbortSignal,
): Promise<boolean> {
  const mark = markDone(batch.map(({ n }) => n));
  try {
    await target.query(inOne([...batch.map(({ sql }) => sql), mark]), signal);
    return true;
  } catch (error) {
    if (serverState(error) === '') throw error;
    await target.query('rollback', signal);
    return false;
  }
}

/** @param settings statements before it, within its transaction */
export async function runStep(
  target: Session,
  step: RecordedStep,
  signal: AbortSignal,
  settings: readonly string[] = [],
): Promise<void> {
  try {
    await target.query(inOne([...settings, step.sql, markDone([step.n])]), signal);
  } catch (error) {
    if (serverState(error) === '') throw error;
    await target.query('rollback', signal);
    if (isFine(step, serverState(error))) await target.query(markDone([step.n]), signal);
    else if (!step.optional) throw stepFailed(step, error);
    else await target.query(markLeftOut(step.n, reasonOf(error)), signal);
  }
}

export function notesOf(steps: readonly RecordedStep[]): SchemaNote[] {
  return steps.map(({ kind, name, note }) => ({
    object: kind === NOTE ? name : `${kind.toLowerCase()} ${name}`,
    why: note ?? '',
  }));
}

/** A transaction; text of pg_dump may end in a comment. */
function inOne(statements: readonly string[]): string {
  return ['begin', ...statements, 'commit'].join('\n;\n');
}

/** `public` and the like are there from the beginning. */
function isFine({ kind }: RecordedStep, state: string): boolean {
  return (kind === 'SCHEMA' || kind === 'EXTENSION') && EXISTS.has(state);
}

function stepFailed({ kind, name }: RecordedStep, cause: unknown): ExternalError {
  const object = `${kind.toLowerCase()} ${name}`;
  const there = EXISTS.has(serverState(cause));
  return new ExternalError({
    code: there ? 'target-not-empty' : 'schema-step',
    message: there
      ? `The target already has the ${object}.`
      : `The ${object} could not be made at the target.`,
    why: reasonOf(cause),
    next: there
      ? 'Move into an empty database: nothing that is there is ever overwritten.'
      : 'Mend that at the source or at the target, and start again: what is made already stays.',
    cause,
  });
}

/** The server's SQLSTATE behind a translated error; '' where the session itself was lost. */
function serverState(error: unknown): string {
  const state = error instanceof PortSyncError ? sqlState(error.cause) : '';
  return /^(08|57P|53)/.test(state) ? '' : state;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof PortSyncError ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
