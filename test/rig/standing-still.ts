import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import type { Surroundings } from './cli.ts';

/** Calls of a rollout's ports, and what becomes of it when its process stands there and dies. */
export const POINTS = [
  ['before start', 'undone'],
  ['after start', 'undone'],
  ['before sees', 'undone'],
  ['before switchTo', 'undone'],
  ['after switchTo', 'done'],
  ['before drained', 'done'],
  ['before stop', 'done'],
  ['after stop', 'done'],
] as const;
export type Point = (typeof POINTS)[number];

/** A process of rollout-worker.ts that stands still at the point it was given. */
export interface StandingStill {
  kill(): Promise<void>;
}

/** @param args DIR POINT KEY VALUE, see rollout-worker.ts */
export async function standStillAt(
  worker: string,
  args: readonly string[],
  { inside = [], env = {} }: Surroundings = {},
): Promise<StandingStill> {
  const [first = '', ...rest] = [...inside, process.execPath, worker, ...args];
  const child = spawn(first, rest, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const gone = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    expect(line).toBe('here');
    break;
  }
  return {
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
