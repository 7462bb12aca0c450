import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Executor } from '../../ports/executor.ts';

export interface FileTexts {
  /** By a clock of the machine whose files they are. */
  atMs: number;
  /** In the order of the paths; null where a file could not be read. */
  texts: Array<string | null>;
}

/** Reads many small files of one machine in one go. */
export type ReadFiles = (paths: readonly string[], signal: AbortSignal) => Promise<FileTexts>;

/** About a millisecond of the event loop. */
const SLICE = 64;
const CHUNK = 64 * 1024;

/**
 * Of this machine. Synchronous on purpose: the kernel makes up these files on the spot, and a round
 * trip through the thread pool costs four times as much as the reading.
 */
export const readLocalFiles: ReadFiles = async (paths, signal) => {
  const atMs = performance.now();
  const buffer = Buffer.allocUnsafe(CHUNK);
  const texts: Array<string | null> = [];
  for (const path of paths) {
    if (texts.length % SLICE === SLICE - 1) await setImmediate();
    signal.throwIfAborted();
    texts.push(readOne(path, buffer));
  }
  return { atMs, texts };
};

function readOne(path: string, buffer: Buffer): string | null {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    let text = '';
    // The kernel may hand these files out in pages, however large the buffer is.
    for (let bytes = -1; bytes !== 0; text += buffer.toString('latin1', 0, bytes)) {
      bytes = readSync(file, buffer, 0, CHUNK, null);
    }
    return text;
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}

// The lines that figures are made of: of a memory.stat, one in forty is.
const WANTED = '^[0-9]|^(usage_usec|inactive_file|total_inactive_file) |: *[0-9]';
const AWK = `{ f = $0; n = 0
  while ((getline line < f) > 0) { if (n++ == 0) print "@" NR; if (line ~ /${WANTED}/) print " " line }
  close(f) }`;
const LIMIT_MS = 15_000;

/**
 * Of the executor's machine: one process there, and a line through the network for each figure. Where
 * awk does not run, no file can be read.
 */
export function readFilesOver(executor: () => Executor | Promise<Executor>): ReadFiles {
  return async (paths, signal) => {
    const machine = await executor();
    const input = ['/proc/uptime', ...paths, ''].join('\n');
    const { stdout } = await machine.run(['awk', AWK], { signal, timeoutMs: LIMIT_MS, input });
    const [uptime, ...texts] = sections(stdout, paths.length + 1);
    return { atMs: Number.parseFloat(uptime ?? '') * 1000, texts };
  };
}

/** Undoes what the awk program prints: `@3` opens the third file, its lines begin with a space. */
export function sections(output: string, count: number): Array<string | null> {
  const texts: Array<string | null> = new Array(count).fill(null);
  for (const part of output.split(/^@/m).slice(1)) {
    const end = part.indexOf('\n');
    texts[Number(part.slice(0, end)) - 1] = part.slice(end + 1).replace(/^ /gm, '');
  }
  return texts;
}
