import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledError, ExternalError, type UsageError } from '../../errors.ts';
import type { Migration } from '../../model/migration.ts';
import { mustLook } from '../../services/migration/client.ts';
import { isWorkedOn } from '../../services/migration/look.ts';
import { placesOf } from '../../services/migration/places.ts';
import { workerGone } from '../../services/migration/problems.ts';
import { type CommonOptions, note, printResult } from '../output.ts';
import { progressText, stateText } from './text.ts';

const EVERY_MS = 100;
const FIGURES_EVERY_MS = 2_000;
/** A process that ends has written its last word; one that was killed has not. */
const GONE_AFTER_MS = 2_000;

/** Prints what happens until `settled`; answers the migration as it is then. */
export async function watchUntil(
  projectDir: string,
  settled: (migration: Migration) => boolean,
  options: CommonOptions,
  signal: AbortSignal,
): Promise<Migration> {
  const places = placesOf(projectDir);
  const tell = new Teller(options);
  let seenAt = Date.now();
  for (;;) {
    const migration = await mustLook(places);
    tell.about(migration);
    if (settled(migration)) return migration;
    // With a worker it is an older failure, which that is about to go on from.
    if (migration.state === 'failed' && !migration.worker) throw failureOf(migration);
    if (migration.worker || (await isWorkedOn(places))) seenAt = Date.now();
    if (Date.now() - seenAt > GONE_AFTER_MS) throw workerGone(null);
    await sleep(EVERY_MS, undefined, { signal }).catch(() => {
      throw new CancelledError(signal.reason);
    });
  }
}

/** The problem that a migration shows, as a failure of the command. */
export function failureOf({ problem, cutover }: Migration): ExternalError | UsageError {
  const shown = problem ?? cutover?.problem;
  if (shown) return new ExternalError(shown);
  return new ExternalError({ code: 'migration-failed', message: 'The migration has failed.' });
}

class Teller {
  readonly #json: boolean;
  #state = '';
  readonly #steps = new Set<string>();
  #figuresAt = 0;

  constructor({ json = false }: CommonOptions) {
    this.#json = json;
  }

  about(migration: Migration): void {
    if (migration.state !== this.#state) this.#newState(migration);
    this.#newSteps(migration);
    if (Date.now() - this.#figuresAt > FIGURES_EVERY_MS) this.#figures(migration);
  }

  #newState(migration: Migration): void {
    this.#state = migration.state;
    if (this.#json) printResult({ event: 'step', step: migration.state, state: 'doing' });
    else note(stateText(migration));
  }

  #newSteps({ cutover }: Migration): void {
    for (const { step, state, ms } of cutover?.outcome === null ? cutover.steps : []) {
      const key = `${cutover?.startedAt} ${step} ${state}`;
      if (this.#steps.has(key) || state === 'doing') continue;
      this.#steps.add(key);
      if (this.#json) printResult({ event: 'step', step, state, ms });
      else note(`  ${String(ms).padStart(6)} ms  ${step} ${state}`);
    }
  }

  #figures(migration: Migration): void {
    const { copy, follow, state } = migration;
    const text = progressText(migration);
    if (!text) return;
    this.#figuresAt = Date.now();
    const done = copy && {
      ...{ step: copy.step, bytes: copy.bytes, totalBytes: copy.totalBytes, rows: copy.rows },
    };
    if (this.#json) printResult({ event: 'progress', state, copy: done, follow });
    else note(`  ${text}`);
  }
}
