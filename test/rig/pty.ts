import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type IPty, spawn } from '@lydell/node-pty';
import xterm, { type IBufferCell, type Terminal } from '@xterm/headless';

const UnicodeGraphemesAddon = await loadGraphemes();

export interface TerminalOptions {
  command: string;
  args?: string[];
  /** Added to this process's environment; undefined removes a variable. */
  env?: Record<string, string | undefined>;
  cols?: number;
  rows?: number;
  cwd?: string;
}

export interface Cell {
  /** A whole grapheme; empty for the right half of a wide one; a space where nothing was written. */
  text: string;
  width: number;
  /** Palette index, `#rrggbb`, or null for the terminal's own. */
  fg: number | string | null;
  bg: number | string | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
  strikethrough: boolean;
}

export interface Modes {
  alternateScreen: boolean;
  cursorVisible: boolean;
  bracketedPaste: boolean;
  autoWrap: boolean;
  /** The line discipline hands over every key at once and echoes none. */
  raw: boolean;
}

export interface PtyTerminal {
  readonly pid: number;
  readonly cols: number;
  readonly rows: number;
  write(keys: string): void;
  resize(cols: number, rows: number): void;
  /** The visible rows as text, without trailing blanks. */
  screen(): string[];
  cellAt(x: number, y: number): Cell;
  /**
   * Waits until the text is on the screen or the predicate holds. Throws with the screen as it is
   * when that takes longer than `ms` (default 20,000).
   */
  waitFor(
    wanted: string | RegExp | ((screen: string[]) => boolean),
    ms?: number,
  ): Promise<string[]>;
  modes(): Modes;
  /** Bytes that the program has written so far. */
  bytes(): number;
  /** Calls `listener` with every piece of output, as it arrives. Gives back what stops it. */
  onData(listener: (data: string) => void): () => void;
  /** Stops reading, as a stalled connection does, and goes on. */
  pause(): void;
  resume(): void;
  /** Closes the terminal as a lost connection does. */
  hangUp(): void;
  usage(): { cpuMs: number; rssBytes: number };
  readonly exited: Promise<{ code: number; signal: number }>;
  /** Ends the program and everything else on this terminal. */
  kill(signal?: string): Promise<void>;
}

/** Runs a command in a real pseudo-terminal, with an emulator that keeps what a person would see. */
export function openTerminal(options: TerminalOptions): PtyTerminal {
  const { cols = 120, rows = 40 } = options;
  const pty = spawn(options.command, options.args ?? [], {
    // The library sets TERM to this, whatever the environment says.
    name: options.env?.TERM ?? 'xterm-256color',
    cols,
    rows,
    cwd: options.cwd ?? process.cwd(),
    env: childEnvironment(options.env),
  });
  const emulator = newEmulator(cols, rows);
  const cursor = watchCursor(emulator);
  const device = (pty as unknown as { ptsName: string }).ptsName;
  const listeners = new Set<(data: string) => void>();
  let bytes = 0;
  pty.onData((data) => {
    bytes += Buffer.byteLength(data);
    emulator.write(data);
    for (const listener of listeners) listener(data);
  });
  const exited = new Promise<{ code: number; signal: number }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => resolve({ code: exitCode, signal: signal ?? 0 }));
  });
  const screen = () => screenOf(emulator);

  return {
    pid: pty.pid,
    get cols() {
      return emulator.cols;
    },
    get rows() {
      return emulator.rows;
    },
    write: (keys) => pty.write(keys),
    resize(newCols, newRows) {
      emulator.resize(newCols, newRows);
      pty.resize(newCols, newRows);
    },
    screen,
    cellAt: (x, y) => cellOf(emulator, x, y),
    waitFor: (wanted, ms = 20_000) => waitFor(screen, wanted, ms),
    modes: () => ({
      alternateScreen: emulator.buffer.active.type === 'alternate',
      cursorVisible: cursor.visible,
      bracketedPaste: emulator.modes.bracketedPasteMode,
      autoWrap: emulator.modes.wraparoundMode,
      raw: isRaw(device),
    }),
    bytes: () => bytes,
    onData(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    hangUp: () => (pty as unknown as { destroy(): void }).destroy(),
    usage: () => usageOf(pty.pid),
    exited,
    kill: (signal = 'SIGKILL') => end(pty, exited, signal),
  };
}

/** An emulator that measures graphemes as today's terminals do. */
export function newEmulator(cols: number, rows: number, graphemes = true): Terminal {
  const emulator = new xterm.Terminal({ cols, rows, scrollback: 1000, allowProposedApi: true });
  if (graphemes) emulator.loadAddon(new UnicodeGraphemesAddon());
  return emulator;
}

/** The add-on's tables come out wrong where they land in Node's shared buffer pool. */
async function loadGraphemes() {
  const { poolSize } = Buffer;
  Buffer.poolSize = 0;
  const addon = await import('@xterm/addon-unicode-graphemes');
  Buffer.poolSize = poolSize;
  return addon.UnicodeGraphemesAddon;
}

export function screenOf(emulator: Terminal): string[] {
  const buffer = emulator.buffer.active;
  return Array.from(
    { length: emulator.rows },
    (_, y) =>
      buffer
        .getLine(buffer.baseY + y)
        ?.translateToString(true, 0, emulator.cols)
        .trimEnd() ?? '',
  );
}

export function cellOf(emulator: Terminal, x: number, y: number): Cell {
  const buffer = emulator.buffer.active;
  const cell = buffer.getLine(buffer.baseY + y)?.getCell(x);
  if (!cell) throw new Error(`There is no cell ${x}, ${y}.`);
  return {
    text: cell.getChars() || (cell.getWidth() === 0 ? '' : ' '),
    width: cell.getWidth(),
    fg: colourOf(cell, 'Fg'),
    bg: colourOf(cell, 'Bg'),
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    italic: cell.isItalic() !== 0,
    underline: cell.isUnderline() !== 0,
    inverse: cell.isInverse() !== 0,
    strikethrough: cell.isStrikethrough() !== 0,
  };
}

function colourOf(cell: IBufferCell, layer: 'Fg' | 'Bg'): number | string | null {
  const value = cell[`get${layer}Color`]();
  if (cell[`is${layer}Default`]()) return null;
  return cell[`is${layer}RGB`]() ? `#${value.toString(16).padStart(6, '0')}` : value;
}

/** With CI set, Ink draws nothing before the end. */
function childEnvironment(extra: TerminalOptions['env']): Record<string, string> {
  const env: Record<string, string | undefined> = {
    ...process.env,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    LC_ALL: undefined,
    LC_CTYPE: undefined,
    CI: undefined,
    CONTINUOUS_INTEGRATION: undefined,
    NO_COLOR: undefined,
    FORCE_COLOR: undefined,
    TMUX: undefined,
    ...extra,
  };
  const set = Object.entries(env).filter((entry): entry is [string, string] => !!entry[1]);
  return Object.fromEntries(set);
}

/** The emulator does not tell whether the cursor is shown: listen for the mode itself. */
function watchCursor(emulator: Terminal): { visible: boolean } {
  const cursor = { visible: true };
  for (const final of ['h', 'l']) {
    emulator.parser.registerCsiHandler({ prefix: '?', final }, (params) => {
      if (params.includes(25)) cursor.visible = final === 'h';
      return false;
    });
  }
  return cursor;
}

function isRaw(device: string): boolean {
  const flag = process.platform === 'linux' ? '-F' : '-f';
  const settings = execFileSync('stty', [flag, device, '-a'], { encoding: 'utf8' });
  return /-icanon\b/.test(settings) && /-echo\b/.test(settings);
}

function usageOf(pid: number): { cpuMs: number; rssBytes: number } {
  // Fields 14 and 15 count from behind the name, which may hold spaces; 100 ticks are a second.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    cpuMs: (Number(stat[11]) + Number(stat[12])) * 10,
    rssBytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024,
  };
}

async function waitFor(
  screen: () => string[],
  wanted: string | RegExp | ((screen: string[]) => boolean),
  ms: number,
): Promise<string[]> {
  const until = Date.now() + ms;
  for (;;) {
    const rows = screen();
    if (shows(rows, wanted)) return rows;
    if (Date.now() > until) {
      const what = typeof wanted === 'function' ? 'what was waited for' : `“${wanted}”`;
      throw new Error(`The screen did not show ${what} within ${ms} ms:\n${rows.join('\n')}`);
    }
    await sleep(10);
  }
}

function shows(rows: string[], wanted: string | RegExp | ((screen: string[]) => boolean)) {
  if (typeof wanted === 'function') return wanted(rows);
  if (typeof wanted === 'string') return rows.some((row) => row.includes(wanted));
  return wanted.test(rows.join('\n'));
}

async function end(pty: IPty, exited: Promise<unknown>, signal: string): Promise<void> {
  try {
    pty.kill(signal);
  } catch {
    // It is gone already.
  }
  pty.resume();
  await Promise.race([exited, sleep(5_000)]);
}
