import type { Container } from '../../../model/container.ts';
import { type Usage, usageOf } from './usage.ts';

/** Where each look starts a program (ps), look less often. */
const EVERY_MS = process.platform === 'linux' ? 1_000 : 2_000;

type Figures = Pick<Container, 'cpuPercent' | 'memoryBytes'>;

interface Sample extends Usage {
  at: number;
}

/** Looks at the lab's processes at a steady pace, so that rates are the same for whoever asks. */
export class Monitor {
  #timer: NodeJS.Timeout | null = null;
  #last = new Map<number, Sample>();
  #figures = new Map<number, Figures>();

  /** @param pids asked before each look. */
  start(pids: () => number[]): void {
    const look = async () => {
      await this.#look(pids()).catch(() => {});
      if (this.#timer) this.#timer = setTimeout(look, EVERY_MS).unref();
    };
    this.#timer = setTimeout(look, 0).unref();
  }

  /** Null until it was looked at (twice, for the CPU). */
  usage(pid: number | null): Figures {
    const none = { cpuPercent: null, memoryBytes: null };
    return pid === null ? none : (this.#figures.get(pid) ?? none);
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #look(pids: number[]): Promise<void> {
    const at = performance.now();
    const usages = await usageOf(pids);
    const figures = new Map<number, Figures>();
    for (const [pid, { cpuMs, memoryBytes }] of usages) {
      const before = this.#last.get(pid);
      // A child that exited takes its CPU time along: never below zero.
      const used = before ? Math.max(0, cpuMs - before.cpuMs) / (at - before.at) : null;
      figures.set(pid, { cpuPercent: used === null ? null : used * 100, memoryBytes });
    }
    this.#last = new Map([...usages].map(([pid, usage]) => [pid, { ...usage, at }]));
    this.#figures = figures;
  }
}
