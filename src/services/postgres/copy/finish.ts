import { type RecordedStep, readSteps } from './record.ts';
import { runStep, runSteps } from './schema.ts';
import { buildSettings, SCHEMA_SETTINGS, type Session } from './session.ts';
import { together } from './together.ts';
import { openMany, withSessions } from './workers.ts';

interface Options {
  target: string;
  workers: number;
}

/**
 * Foreign keys are made without a look at the rows, then proved side by side: that locks nobody out,
 * while to make them at once would hold both tables for as long as it takes.
 */
export function finishSteps({ target: url, workers }: Options, signal: AbortSignal): Promise<void> {
  return withSessions(async (sessions) => {
    const target = await sessions.open(url, SCHEMA_SETTINGS, signal);
    const steps = await readSteps(target, 'rest', signal);
    const proofs = steps.filter(isProof);
    await runSteps(
      target,
      steps.filter((step) => !isProof(step)),
      signal,
    );
    const settings = buildSettings(workers > 2);
    const provers = await openMany(workers, () => sessions.open(url, settings, signal));
    const left = proofs.filter(({ state }) => state === 'waiting');
    await together(
      provers.map((prover) => (stop: AbortSignal) => prove(prover, left, stop)),
      signal,
    );
    for (const step of await readSteps(target, 'last', signal)) {
      if (step.state === 'waiting') await runStep(target, step, signal);
    }
  });
}

function isProof({ build }: RecordedStep): boolean {
  return build;
}

/** Two proofs of one table wait for each other, which costs a session its time and nothing else. */
async function prove(session: Session, left: RecordedStep[], signal: AbortSignal): Promise<void> {
  for (let step = left.shift(); step; step = left.shift()) await runStep(session, step, signal);
}
