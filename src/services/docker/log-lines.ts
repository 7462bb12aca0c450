import type { Readable } from 'node:stream';
import type { LogLine } from '../../model/container.ts';
import { cleanLine } from './log-text.ts';

/**
 * Longer lines are cut. Below the 16 KiB in which the engine hands out a long line, each piece with a
 * time of its own: what it puts into the middle of a line is never seen.
 */
const LONGEST = 8 * 1024;
const HEADER = 8;
const NEWLINE = 10;

type Stream = LogLine['stream'];

/** The lines in what the engine sends of a container's log. */
export async function* logLines(source: Readable, tty: boolean): AsyncGenerator<LogLine> {
  const open = { stdout: new Line(), stderr: new Line() };
  const pieces = tty ? plain(source) : demultiplexed(source);
  for await (const { stream, bytes } of pieces) {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      open[stream].add(bytes.subarray(start, end));
      yield open[stream].take(stream);
      start = end + 1;
    }
    open[stream].add(bytes.subarray(start));
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    if (!open[stream].empty) yield open[stream].take(stream);
  }
}

interface Piece {
  stream: Stream;
  bytes: Buffer;
}

async function* plain(source: Readable): AsyncGenerator<Piece> {
  for await (const bytes of source) yield { stream: 'stdout', bytes: bytes as Buffer };
}

/** Undoes the engine's framing: the stream's number, three zeros, the length, the bytes. */
async function* demultiplexed(source: Readable): AsyncGenerator<Piece> {
  let header = Buffer.alloc(0);
  let stream: Stream = 'stdout';
  let left = 0;
  for await (const chunk of source) {
    let rest = chunk as Buffer;
    while (rest.length > 0) {
      if (left > 0) {
        const bytes = rest.subarray(0, left);
        left -= bytes.length;
        rest = rest.subarray(bytes.length);
        yield { stream, bytes };
        continue;
      }
      const missing = HEADER - header.length;
      header = Buffer.concat([header, rest.subarray(0, missing)]);
      rest = rest.subarray(missing);
      if (header.length < HEADER) break;
      stream = header[0] === 2 ? 'stderr' : 'stdout';
      left = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
  }
}

/** One line as it comes in, with a bound on what is kept of it. */
class Line {
  #parts: Buffer[] = [];
  #bytes = 0;
  #cut = false;

  get empty(): boolean {
    return this.#bytes === 0;
  }

  add(bytes: Buffer): void {
    const kept = bytes.subarray(0, LONGEST - this.#bytes);
    this.#cut ||= kept.length < bytes.length;
    this.#bytes += kept.length;
    // A copy: a short line must not keep the whole chunk of the network in memory.
    if (kept.length > 0) this.#parts.push(Buffer.from(kept));
  }

  take(stream: Stream): LogLine {
    const raw = Buffer.concat(this.#parts).toString('utf8');
    const stamp = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ?/.exec(raw);
    const text = cleanLine(raw.slice(stamp?.[0].length ?? 0)) + (this.#cut ? '…' : '');
    this.#parts = [];
    this.#bytes = 0;
    this.#cut = false;
    return { at: stamp?.[1] ?? null, stream, text };
  }
}
