import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from './http-interface.ts';

const TICK_MS = 10;

export interface LoadResult {
  reads: number;
  writes: number;
  /** `GET 502`, `POST fetch failed`, … */
  failures: string[];
  /** Texts of the notes whose writing was acknowledged; no other load has the same. */
  written: string[];
  /** How long each request took, those that failed included. */
  tookMs: number[];
}

/**
 * Requests of one person at a steady rate, however slow the answers are, but at most `atOnce` running;
 * a fifth of them write.
 */
export function startLoad(
  caller: Caller,
  perSecond: number,
  atOnce = Number.POSITIVE_INFINITY,
): () => Promise<LoadResult> {
  const result: LoadResult = { reads: 0, writes: 0, failures: [], written: [], tookMs: [] };
  const running = new Set<Promise<void>>();
  const name = randomUUID().slice(0, 8);
  const startedAt = performance.now();
  let sent = 0;
  let stopped = false;

  async function one(number: number): Promise<void> {
    const writes = number % 5 === 0;
    const [method, text] = writes ? ['POST', `note ${name} ${number}`] : ['GET', undefined];
    if (writes) result.writes += 1;
    else result.reads += 1;
    const start = performance.now();
    try {
      const path = writes ? '/api/notes' : '/api/notes?limit=5';
      const answer = await caller.send(method ?? 'GET', path, text && { text });
      if (answer.status >= 300) result.failures.push(`${method} ${answer.status}`);
      else if (text) result.written.push(text);
    } catch (error) {
      result.failures.push(`${method} ${(error as Error).message}`);
    } finally {
      result.tookMs.push(performance.now() - start);
    }
  }

  const pace = (async () => {
    while (!stopped) {
      const due = Math.floor(((performance.now() - startedAt) * perSecond) / 1000);
      // What a machine that is busy otherwise does not manage is left out, and not saved up.
      if (running.size >= atOnce) sent = due;
      for (; sent < due && running.size < atOnce; sent += 1) {
        const each = one(sent).finally(() => running.delete(each));
        running.add(each);
      }
      await sleep(TICK_MS);
    }
  })();

  return async () => {
    stopped = true;
    await pace;
    await Promise.all(running);
    return result;
  };
}
