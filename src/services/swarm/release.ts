import { setTimeout as sleep } from 'node:timers/promises';
import { timeLimit } from '../../limit.ts';
import { stopped } from '../executor/stopped.ts';
import type { Task } from './answers.ts';
import type { SwarmApi } from './api.ts';
import { releaseFailed } from './errors.ts';
import { lastWords } from './last-words.ts';
import { RELEASE } from './release-stack.ts';
import { scaleToZero } from './scale-down.ts';
import { hasEnded } from './tasks.ts';

const LOOK_EVERY_MS = 200;
const END_LIMIT_MS = 60_000;

export interface ReleaseCommand {
  command: readonly string[];
  limitMs: number;
}

/** `line` as the shell of the image reads it; a list is taken as it is. */
export function releaseWords(command: string | readonly string[]): readonly string[] {
  return typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
}

/**
 * The release command as a service of one task that is never started again. Its name is there once
 * in a stack: two cannot run at the same time, whoever was killed before it could be removed.
 */
export class Release {
  readonly #api: SwarmApi;
  readonly #name: string;

  constructor(api: SwarmApi, app: string) {
    this.#api = api;
    this.#name = `${app}_${RELEASE}`;
  }

  /** @throws ExternalError `release-failed` with the last lines of its log. */
  async run(start: () => Promise<void>, limitMs: number, signal: AbortSignal): Promise<void> {
    await this.end(signal);
    try {
      await start();
      const task = await this.#ended(timeLimit(limitMs, signal));
      if (signal.aborted) throw stopped(signal, 'The release command');
      if (task?.Status.State === 'complete') return;
      throw releaseFailed(task, task ? await lastWords(this.#api, task) : []);
    } finally {
      await this.end(AbortSignal.timeout(END_LIMIT_MS));
    }
  }

  /** Stops and removes what runs of it; nothing where none does. */
  async end(signal: AbortSignal): Promise<void> {
    const service = await this.#api.service(this.#name, signal);
    if (!service) return;
    // Removing a service forgets its containers before they have ended.
    await scaleToZero(this.#api, service, 'Stopping the release command', signal);
    await this.#api.removeService(service.ID, signal);
  }

  /** The task when it has ended, or as it is when `limit` comes. */
  async #ended(limit: AbortSignal): Promise<Task | null> {
    for (;;) {
      const within = AbortSignal.timeout(END_LIMIT_MS);
      const service = await this.#api.service(this.#name, within);
      const [task = null] = service ? await this.#api.tasks([service.ID], within) : [];
      if (limit.aborted || (task && hasEnded(task))) return task;
      await sleep(LOOK_EVERY_MS, undefined, { signal: limit }).catch(() => {});
    }
  }
}
