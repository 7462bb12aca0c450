import { request } from 'node:http';
import type { Pool, Upstream } from './pool.ts';

const EVERY_MS = 1_000;
const EVERY_MS_WHILE_DOWN = 200;
const TIMEOUT_MS = 2_000;

/** Asks `replica` at `path` again and again while it is in `pool`; a 2xx is healthy. */
export async function keepChecking(
  pool: Pool,
  upstream: Upstream,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  while (pool.has(upstream) && !upstream.gone && !signal.aborted) {
    const wasUp = upstream.up;
    const answer = await ask(upstream.port, path);
    if (signal.aborted) return;
    if (answer === 'ready') upstream.succeeded();
    else upstream.failed(answer === 'refused');
    if (upstream.up && !wasUp) pool.emit('up');
    await pause(upstream.up ? EVERY_MS : EVERY_MS_WHILE_DOWN, signal);
  }
}

function ask(port: number, path: string): Promise<'ready' | 'refused' | 'failed'> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path, agent: false }, (answer) => {
      answer.resume();
      const { statusCode = 0 } = answer;
      resolve(statusCode >= 200 && statusCode < 300 ? 'ready' : 'failed');
    });
    asked.setTimeout(TIMEOUT_MS, () => asked.destroy());
    asked.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'failed'),
    );
    asked.end();
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
