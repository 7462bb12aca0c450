import type { Executor } from '../../ports/executor.ts';
import { openSsh } from '../ssh/executor.ts';
import type { AskPassphrase } from '../ssh/keys.ts';

/** One connection to each machine, shared by everything that looks at it. */
export class Machines {
  readonly #open = new Map<string, Executor>();
  readonly #projectDir: string | null;
  readonly #ask: AskPassphrase | undefined;

  constructor(projectDir: string | null, ask?: AskPassphrase) {
    this.#projectDir = projectDir;
    this.#ask = ask;
  }

  /** Connects with the first call made through it. */
  at(address: string): Executor {
    const known = this.#open.get(address);
    if (known) return known;
    const executor = openSsh(address, { projectDir: this.#projectDir, passphrase: this.#ask });
    this.#open.set(address, executor);
    return executor;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map((executor) => executor.close()));
  }
}
