import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { unstable_LowPriority, unstable_scheduleCallback } from 'scheduler';
import { type Input, KeyReader } from './keys.ts';

export interface KeyHandlers {
  /** A key before Ink sees it; true when it has been dealt with. */
  onKey?: (key: string) => boolean;
  onPaste: (text: string) => void;
}

/**
 * The standard input given to Ink: one key at a time, each only after the one before has been dealt
 * with, so that the tenth `j` of a burst finds the state that the ninth one left.
 */
export class KeyInput extends Readable {
  /** Ink asks for it before it listens to keys. */
  readonly isTTY = true;

  private readonly decoder = new StringDecoder('utf8');
  private readonly reader = new KeyReader();
  private readonly handlers: KeyHandlers;
  private readonly queue: Input[] = [];
  private timer: NodeJS.Timeout | undefined;
  private delivering = false;

  constructor(handlers: KeyHandlers) {
    super({ objectMode: true, highWaterMark: 1_000 });
    this.handlers = handlers;
  }

  /** Bytes from the terminal. */
  feed(bytes: Buffer | string): void {
    clearTimeout(this.timer);
    const text = typeof bytes === 'string' ? bytes : this.decoder.write(bytes);
    this.accept(this.reader.read(text));
    const { patience } = this.reader;
    if (patience === null) return;
    this.timer = setTimeout(() => this.accept(this.reader.flush()), patience);
  }

  /** The terminal's raw mode is set and taken back by whoever owns the terminal, not by Ink. */
  setRawMode(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  /** Keys are text already; a decoder would join what must stay apart. */
  override setEncoding(): this {
    return this;
  }

  override _read(): void {}

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.timer);
    done(error);
  }

  private accept(inputs: Input[]): void {
    for (const input of inputs) {
      // Ctrl-C and the like must get through even while the program is behind with the keys.
      if (input.kind === 'key' && this.handlers.onKey?.(input.key)) continue;
      this.queue.push(input);
    }
    if (!this.delivering) this.deliver();
  }

  private deliver(): void {
    const input = this.queue.shift();
    this.delivering = input !== undefined && !this.destroyed;
    if (!input || this.destroyed) return;
    if (input.kind === 'paste') this.handlers.onPaste(input.text);
    else this.push(input.key);
    // Once Ink has read this one, React gets its turn to draw and to run its effects.
    setImmediate(() => unstable_scheduleCallback(unstable_LowPriority, () => this.deliver()));
  }
}
