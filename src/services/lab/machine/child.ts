import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogRing } from './log-ring.ts';
import type { Registration } from './registry.ts';
import { runAs, type ServerUser } from './user.ts';

const OUTPUT_LIMIT_MS = 500;
/** What shells answer for a command that could not be started. */
const NOT_STARTED = 127;

export interface ChildSpec {
  command: string;
  args: readonly string[];
  cwd: string;
  /** Everything that it gets: nothing is inherited. */
  env: Readonly<Record<string, string>>;
  user: ServerUser;
  /** Ends it when the lab's host is gone. */
  orphanSignal: NodeJS.Signals;
  /** Keeps a channel, through which the child notices at once that its parent is gone. */
  ipc: boolean;
}

/** A process that belongs to the lab: written down, its output kept, never in our process group. */
export class Child {
  readonly startedAt = new Date().toISOString();
  readonly process: ChildProcess;
  /** Resolves with the exit code, 128 + n after signal n; never rejects. */
  readonly exited: Promise<number>;
  readonly log: LogRing;
  exitCode: number | null = null;
  readonly #silent: Promise<unknown>;

  constructor(spec: ChildSpec, registration: Registration, log: LogRing) {
    this.log = log;
    this.process = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      ...runAs(spec.user),
      // Out of the terminal's reach: it is the host that decides in which order all end.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(spec.ipc ? (['ipc'] as const) : [])],
    });
    const { pid, stdout, stderr } = this.process;
    if (pid !== undefined) registration.add(pid, spec.orphanSignal);
    if (stdout) log.read('stdout', stdout);
    if (stderr) log.read('stderr', stderr);
    this.#silent = new Promise((resolve) => this.process.once('close', resolve));
    this.exited = this.#untilExit().then((code) => {
      this.exitCode = code;
      if (pid !== undefined) registration.remove(pid);
      return code;
    });
  }

  get running(): boolean {
    return this.exitCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    if (this.running) this.process.kill(signal);
  }

  /** Asks with `signal`, and after `limitMs` asks no more. */
  async stop(signal: NodeJS.Signals, limitMs: number): Promise<void> {
    this.kill(signal);
    const waited = new AbortController();
    const limit = sleep(limitMs, undefined, { signal: waited.signal }).catch(() => {});
    await Promise.race([this.exited, limit]);
    waited.abort();
    this.kill('SIGKILL');
    await this.exited;
  }

  /** Its last lines, once its output has ended: they often come after the exit itself. */
  async lastWords(count = 8): Promise<string> {
    // A grandchild may keep the output open.
    await Promise.race([this.#silent, sleep(OUTPUT_LIMIT_MS, undefined, { ref: false })]);
    return this.log
      .tail(count)
      .map(({ text }) => text)
      .join('\n');
  }

  #untilExit(): Promise<number> {
    return new Promise((resolve) => {
      this.process.once('exit', (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
      this.process.on('error', (error) => {
        this.log.add('stderr', error.message);
        if (this.process.pid === undefined) resolve(NOT_STARTED);
      });
    });
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal ? constants.signals[signal] : 0;
}
