import type { Task } from './answers.ts';
import type { SwarmApi } from './api.ts';

const LINES = 20;
const LIMIT_MS = 10_000;

/** The end of a task's log; empty where it cannot be had: what the swarm says has to do then. */
export async function lastWords(api: SwarmApi, task: Task): Promise<string[]> {
  const lines: string[] = [];
  const limit = AbortSignal.timeout(LIMIT_MS);
  try {
    for await (const { text } of api.logs(task.ID, { tail: LINES, follow: false }, limit)) {
      lines.push(text);
    }
  } catch {}
  return lines;
}
