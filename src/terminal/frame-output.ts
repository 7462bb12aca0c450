import { Writable } from 'node:stream';
import type { TerminalCapabilities } from './capabilities.ts';
import { CellReader, type Row } from './cells.ts';
import { diff } from './diff.ts';

/** Where the bytes go: calls back when the terminal has taken them. */
export type TakeBytes = (bytes: string, taken: () => void) => void;

/**
 * Ink erases its last frame before each new one, with these in front of it; behind a frame comes a
 * line end, since it takes this for no terminal.
 */
const ERASED = /^(?:\x1b\[2K(?:\x1b\[1A)?)*(?:\x1b\[G)?/;

/**
 * The standard output given to Ink. It takes whole frames, and writes to the terminal only the
 * cells that changed. While the terminal has not taken the last bytes (a slow line), frames are not
 * queued: the newest is drawn when it has.
 */
export class FrameOutput extends Writable {
  /** Ink lays out to this width. */
  columns: number;
  /**
   * Ink must not know the height: it would clear the screen for every frame as tall as that. And as
   * no terminal, it sends no cursor sequences and no synchronisation marks.
   */
  readonly isTTY = false;

  private height: number;
  private readonly reader: CellReader;
  private readonly take: TakeBytes;
  private shown: Row[] | null = null;
  private newest: string | null = null;
  private waiting = false;
  private paused = false;

  constructor(
    terminal: Pick<TerminalCapabilities, 'colour' | 'utf8'>,
    size: { columns: number; rows: number },
    take: TakeBytes,
  ) {
    super({ decodeStrings: false });
    this.reader = new CellReader(terminal);
    this.columns = size.columns;
    this.height = size.rows;
    this.take = take;
  }

  /** True while bytes are under way that the terminal has not taken. */
  get isBusy(): boolean {
    return this.waiting;
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    const frame = String(chunk).replace(ERASED, '');
    // Only an erasure: nothing is drawn by it here.
    if (frame !== '') {
      this.newest = frame;
      this.draw();
    }
    done();
  }

  /** Draws everything anew, whatever the terminal shows now. */
  repaint(): void {
    this.shown = null;
    this.draw();
  }

  /** For a terminal of a new size: Ink is told, and all is drawn anew, cut to it. */
  resize(size: { columns: number; rows: number }): void {
    this.columns = size.columns;
    this.height = size.rows;
    this.shown = null;
    this.emit('resize');
    this.draw();
  }

  /** Writes nothing until `resume`: the terminal belongs to someone else. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.repaint();
  }

  private draw(): void {
    if (this.waiting || this.paused || this.newest === null) return;
    const rows = this.reader.read(this.newest, this.height);
    const bytes = diff(this.shown, rows, this.columns, this.reader.styles);
    this.shown = rows;
    if (bytes === '') return;
    this.waiting = true;
    this.take(bytes, () => {
      this.waiting = false;
      this.draw();
    });
  }
}
