import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameOutput } from './frame-output.ts';
import { ALTERNATE_SCREEN, ENTER, LEAVE } from './modes.ts';

export type TerminalOut = NodeJS.WriteStream & { fd: number };

export interface SessionStreams {
  stdin: NodeJS.ReadStream;
  stdout: TerminalOut;
}

export interface SessionHandlers {
  onBytes: (bytes: Buffer) => void;
  /** A signal came, or the terminal is gone (SIGHUP). */
  onSignal: (signal: NodeJS.Signals) => void;
  /** Nobody caught this. */
  onError: (error: unknown) => void;
}

const ENDING: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGQUIT'];
/** How long the end waits for a terminal that does not take bytes. */
const SLOW_MS = 500;
/** A stop that has not happened by now will not: no shell is there that could continue it. */
const STOP_MS = 300;

/**
 * Takes the terminal for a full-screen program, and gives it back as it was: at the end, for the
 * time that it is stopped (Ctrl-Z), and when the process dies of anything it can notice.
 */
export class TerminalSession {
  private readonly stdin: NodeJS.ReadStream;
  private readonly stdout: TerminalOut;
  private readonly handlers: SessionHandlers;
  private readonly write: NodeJS.WriteStream['write'];
  private output: FrameOutput | null = null;
  private state: 'on' | 'stopped' | 'off' = 'off';
  private stopTimer: NodeJS.Timeout | undefined;
  private readonly undo: (() => void)[] = [];

  constructor({ stdin, stdout }: SessionStreams, handlers: SessionHandlers) {
    this.stdin = stdin;
    this.stdout = stdout;
    this.handlers = handlers;
    this.write = stdout.write.bind(stdout);
  }

  /** `entered`: the terminal shows the alternate screen already. */
  start(output: FrameOutput, entered: boolean): void {
    this.output = output;
    this.listen();
    this.setBlocking(false);
    this.enter(entered ? ENTER : ALTERNATE_SCREEN + ENTER);
  }

  /** For frames: calls back when the terminal has taken the bytes. */
  readonly takeBytes = (bytes: string, taken: () => void): void => {
    this.write(bytes, () => taken());
  };

  /** Gives the terminal back; `leave` is what this does when there is no time. */
  async end(): Promise<void> {
    this.output?.pause();
    const until = Date.now() + SLOW_MS;
    while (this.output?.isBusy && Date.now() < until) await sleep(10);
    this.leave();
    this.setBlocking(true);
    this.stdin.pause();
    this.stdin.unref();
    // Not within the signal or the key that ended it: another listener for the signal would believe
    // to be alone and kill the process, and the pause would hit whoever reads next.
    await sleep(0);
    clearTimeout(this.stopTimer);
    for (const giveBack of this.undo.splice(0)) giveBack();
  }

  /**
   * Stops the program as Ctrl-Z does everywhere; the shell's `fg` continues it. `group`: with all
   * that was started together with it, as the terminal would.
   */
  stop(group: boolean): void {
    if (this.state !== 'on') return;
    this.output?.pause();
    this.leave();
    this.state = 'stopped';
    process.off('SIGTSTP', this.onStop);
    process.kill(group ? 0 : process.pid, 'SIGTSTP');
    this.stopTimer = setTimeout(this.onContinue, STOP_MS);
  }

  private enter(sequences: string): void {
    // The mode that was set last is believed to be there still; a shell may have changed it.
    this.stdin.setRawMode?.(false);
    this.stdin.setRawMode?.(true);
    this.writeNow(sequences);
    this.state = 'on';
  }

  private readonly leave = (): void => {
    if (this.state !== 'on') return;
    this.state = 'off';
    this.writeNow(LEAVE);
    this.stdin.setRawMode?.(false);
  };

  private readonly onStop = (): void => this.stop(false);

  private readonly onContinue = (): void => {
    clearTimeout(this.stopTimer);
    if (this.state === 'off') return;
    if (this.state === 'stopped') process.on('SIGTSTP', this.onStop);
    this.enter(ALTERNATE_SCREEN + ENTER);
    // The window may have changed meanwhile, and nobody told.
    (this.stdout as { _refreshSize?: () => void })._refreshSize?.();
    this.output?.resume();
  };

  private listen(): void {
    const { stdin, stdout, handlers } = this;
    const hangUp = () => {
      // Whoever cleans up now may print as ever; to a terminal that is gone, each line is an error.
      for (const stream of [stdout, process.stderr]) stream.on('error', () => undefined);
      handlers.onSignal('SIGHUP');
    };
    for (const signal of ENDING) this.on(process, signal, () => handlers.onSignal(signal));
    this.on(process, 'SIGHUP', hangUp);
    this.on(process, 'SIGTSTP', this.onStop);
    this.on(process, 'SIGCONT', this.onContinue);
    this.on(process, 'uncaughtException', handlers.onError);
    this.on(process, 'exit', this.leave);
    this.on(stdin, 'data', handlers.onBytes);
    this.on(stdin, 'end', hangUp);
    this.on(stdin, 'error', hangUp);
    this.on(stdout, 'error', hangUp);
    stdin.ref();
    stdin.resume();
  }

  private on<A extends unknown[]>(
    emitter: NodeJS.EventEmitter,
    event: string,
    listener: (...args: A) => void,
  ): void {
    emitter.on(event, listener as (...args: unknown[]) => void);
    this.undo.push(() => emitter.off(event, listener as (...args: unknown[]) => void));
  }

  /** Node writes to terminals blocking, so that a stalled line would stop everything. */
  private setBlocking(blocking: boolean): void {
    const { _handle } = this.stdout as { _handle?: { setBlocking?: (blocking: boolean) => void } };
    _handle?.setBlocking?.(blocking);
  }

  /** Written when this returns, or not at all where the terminal does not take it in time. */
  private writeNow(text: string): void {
    const bytes = Buffer.from(text);
    const until = Date.now() + SLOW_MS;
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(this.stdout.fd, bytes, at);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || Date.now() > until) break;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  }
}
