import { keyOf } from '../names.ts';
import type { CopyMeter } from './meter.ts';
import { type RecordedStep, readSteps } from './record.ts';
import { runStep, runSteps } from './schema.ts';
import { buildSettings, type Session } from './session.ts';
import { majorOf } from './source.ts';
import { type Analysis, analysesOf, viewAnalyses } from './statistics.ts';
import { type Relation, readRelations } from './tables.ts';
import { together } from './together.ts';
import { openMany, withSessions } from './workers.ts';

interface Options {
  target: string;
  workers: number;
}

/** Something that one session is busy with, and may be beside all others of its kind. */
interface Job {
  bytes: number;
  run(session: Session, signal: AbortSignal): Promise<unknown>;
}

/**
 * Foreign keys are made without a look at the rows, then proved side by side: that locks nobody out,
 * while to make them at once would hold both tables for as long as it takes. Statistics are taken
 * beside the proofs, so that no session is idle while one of them takes long.
 */
export function finishSteps(
  { target: url, workers }: Options,
  meter: CopyMeter,
  signal: AbortSignal,
): Promise<void> {
  return withSessions(async (sessions) => {
    const open = () => sessions.open(url, buildSettings(workers > 2), signal);
    const opened = openMany(workers - 1, open);
    const [target, others] = await Promise.all([open(), opened]);
    const steps = await readSteps(target, 'rest', signal);
    await runSteps(
      target,
      steps.filter(({ build }) => !build),
      signal,
    );
    const relations = await readRelations(target, signal);
    const analyses = analysesOf(relations, await majorOf(target, signal));
    const proofs = steps.filter(({ build, state }) => build && state === 'waiting');
    const jobs = [...analyses.map(analysing), ...proofs.map((step) => proving(step, relations))];
    await runAll(jobs, [target, ...others], signal);
    meter.step('statistics');
    for (const step of await readSteps(target, 'last', signal)) {
      if (step.state === 'waiting') await runStep(target, step, signal);
    }
    const views = viewAnalyses(await readRelations(target, signal));
    await runAll(views.map(analysing), [target, ...others], signal);
  });
}

function analysing({ sql, bytes }: Analysis): Job {
  return { bytes, run: (session, signal) => session.query(sql, signal) };
}

function proving(step: RecordedStep, relations: readonly Relation[]): Job {
  const table = step.table && keyOf(step.table);
  const bytes = relations.find((relation) => keyOf(relation) === table)?.bytes ?? 0;
  return { bytes, run: (session, signal) => runStep(session, step, signal) };
}

/** The longest first. Two of one table wait for each other, which costs a session its time and nothing else. */
function runAll(jobs: Job[], sessions: readonly Session[], signal: AbortSignal): Promise<void> {
  const left = jobs.sort((a, b) => b.bytes - a.bytes);
  const work = async (session: Session, stop: AbortSignal) => {
    for (let job = left.shift(); job; job = left.shift()) await job.run(session, stop);
  };
  return together(
    sessions.map((session) => (stop: AbortSignal) => work(session, stop)),
    signal,
  );
}
