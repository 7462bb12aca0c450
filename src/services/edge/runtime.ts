import { timeLimit } from '../../limit.ts';
import type { Executor } from '../../ports/executor.ts';
import { refused, unreachable } from './errors.ts';

const LIMIT_MS = 5000;
const LARGEST = 8 * 1024 * 1024;

/** A runtime socket of HAProxy: one connection for each command, as it is meant to be used. */
export class Runtime {
  readonly path: string;
  readonly #machine: Executor;

  constructor(machine: Executor, path: string) {
    this.#machine = machine;
    this.path = path;
  }

  /** The answer as it came. */
  async ask(command: string, signal: AbortSignal): Promise<string> {
    const limit = timeLimit(LIMIT_MS, signal);
    try {
      return await this.#exchange(`${command}\n`, limit);
    } catch (error) {
      throw unreachable(this.path, error, signal);
    }
  }

  /** A command that answers nothing when it was carried out. */
  async tell(command: string, signal: AbortSignal): Promise<void> {
    const answer = (await this.ask(command, signal)).trim();
    if (answer !== '') throw refused(command, answer);
  }

  async #exchange(command: string, signal: AbortSignal): Promise<string> {
    const stream = await this.#machine.connectUnix(this.path, signal);
    const stop = () => stream.destroy(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    try {
      stream.setEncoding('utf8');
      stream.write(command);
      let answer = '';
      for await (const chunk of stream) {
        answer += chunk;
        if (answer.length > LARGEST) throw new Error('The answer is too long.');
      }
      return answer;
    } finally {
      signal.removeEventListener('abort', stop);
      stream.destroy();
    }
  }
}
