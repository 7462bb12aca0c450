import { setTimeout } from 'node:timers/promises';
import { PortSyncError } from '../../errors.ts';
import { timeLimit } from '../../limit.ts';
import type { LogOptions } from '../../model/actions.ts';
import type { LogLine } from '../../model/container.ts';
import type { EngineApi, LogRange } from './api.ts';
import { logLines } from './log-lines.ts';

const OPEN_LIMIT_MS = 15_000;
const AGAIN_MS = 500;
const REMEMBERED = 1000;
const RUNS = ['running', 'paused', 'restarting'];
const REMOVED = ['no-such-container', 'container-state'];

/**
 * The last `tail` lines and, with `follow`, what comes after them, through restarts, until the
 * container has ended or `signal` aborts.
 */
export async function* containerLogs(
  api: EngineApi,
  id: string,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const own = new AbortController();
  const stop = () => own.abort(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    if (!signal.aborted) yield* rounds(api, id, options, own.signal);
  } catch (error) {
    if (!signal.aborted) throw api.translated(error);
  } finally {
    signal.removeEventListener('abort', stop);
    own.abort();
  }
}

/**
 * An engine ends the stream when the container does, and older ones leave out what was written last:
 * why it crashed. So another round reads what is missing.
 */
async function* rounds(
  api: EngineApi,
  id: string,
  { tail, follow }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const { Config } = await api.inspect(id, within(signal));
  const seen = new Seen();
  let goesOn: boolean | null = follow;
  while (goesOn !== null) {
    const range = { ...seen.next(tail), follow: goesOn };
    const opened = api.logs(id, range, signal);
    const source = await (follow && !goesOn ? opened.catch(unlessRemoved) : opened);
    if (!source) return;
    for await (const line of logLines(source, Config.Tty)) if (seen.isNew(line)) yield line;
    if (!goesOn) return;
    const now = await api.inspect(id, within(signal)).catch(unlessRemoved);
    goesOn = now && RUNS.includes(now.State.Status);
    if (goesOn) await setTimeout(AGAIN_MS, undefined, { signal });
  }
}

function unlessRemoved(error: unknown): null {
  if (error instanceof PortSyncError && REMOVED.includes(error.code)) return null;
  throw error;
}

function within(signal: AbortSignal): AbortSignal {
  return timeLimit(OPEN_LIMIT_MS, signal);
}

/** The newest lines that were given, so that the next round neither repeats nor leaves out any. */
class Seen {
  /** Oldest first: what makes a line unlike all others, and its time. */
  readonly #keys = new Map<string, string>();
  #repeats = false;

  isNew({ at, stream, text }: LogLine): boolean {
    if (at === null) return true;
    const key = `${at} ${stream} ${text}`;
    if (this.#repeats && this.#keys.has(key)) return false;
    this.#keys.set(key, at);
    if (this.#keys.size > REMEMBERED) this.#keys.delete(this.#keys.keys().next().value as string);
    return true;
  }

  next(tail: number): Pick<LogRange, 'tail' | 'since'> {
    const [from] = this.#keys.values();
    if (from === undefined) return { tail, since: '' };
    this.#repeats = true;
    const fraction = /\.(\d+)/.exec(from)?.[1] ?? '0';
    return { tail: 'all', since: `${Math.floor(Date.parse(from) / 1000)}.${fraction}` };
  }
}
