import { EventEmitter, on } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { LogLine } from '../../../model/container.ts';

const LINES = 2_000;
const LONGEST_LINE = 4_000;

/** The last lines that a process wrote, in memory: bounded, and gone with the lab. */
export class LogRing extends EventEmitter<{ line: [LogLine] }> {
  readonly #lines: LogLine[] = [];

  constructor() {
    super();
    this.setMaxListeners(0);
  }

  read(stream: LogLine['stream'], from: Readable): void {
    createInterface({ input: from }).on('line', (text) => this.add(stream, text));
  }

  add(stream: LogLine['stream'], text: string): void {
    const line = { at: new Date().toISOString(), stream, text: text.slice(0, LONGEST_LINE) };
    if (this.#lines.push(line) > LINES) this.#lines.shift();
    this.emit('line', line);
  }

  tail(count: number): LogLine[] {
    return count > 0 ? this.#lines.slice(-count) : [];
  }

  /** The last `tail` lines, then what comes, until `signal` aborts. */
  async *follow(tail: number, signal: AbortSignal): AsyncGenerator<LogLine> {
    if (signal.aborted) return;
    const coming = on(this, 'line', { signal });
    try {
      yield* this.tail(tail);
      for await (const [line] of coming) yield line;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await coming.return?.();
    }
  }
}
