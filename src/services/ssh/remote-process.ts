import { constants } from 'node:os';
import type { ClientChannel } from 'ssh2';
import { endRemote } from './end-remote.ts';
import type { Link } from './link.ts';

const LONGEST_GREETING = 64 * 1024;

export interface Ended {
  /** Null when the connection was lost first. Signals count as in a shell: 128 and their number. */
  exitCode: number | null;
  stdout: Buffer;
  stderr: Buffer;
}

/**
 * Makes a command say the id of its process group, which is the only way to end it later: closing
 * the channel leaves it running, and sshd delivers no signals to the processes of root.
 */
export function announced(command: readonly string[], mark: string): string[] {
  return ['sh', '-c', 'echo "$1$$" >&2; shift; exec "$@"', 'sh', mark, ...command];
}

export interface ProcessSettings {
  /** What the line with the group's id begins with. */
  mark: string;
  /** Kept of each of the two outputs. */
  maxBytes: number;
  onOverflow: () => void;
}

/** The output of one running remote command. */
export class RemoteProcess {
  readonly channel: ClientChannel;
  /** The id of its process group; null when it never said so. */
  readonly group: Promise<number | null>;
  readonly ended: Promise<Ended>;
  readonly #link: Link;
  readonly #mark: string;
  #foundGroup: (group: number | null) => void = () => {};
  #told = false;
  #before: Buffer = Buffer.alloc(0);

  constructor(channel: ClientChannel, link: Link, { mark, maxBytes, onOverflow }: ProcessSettings) {
    this.channel = channel;
    this.#link = link;
    this.#mark = mark;
    this.group = new Promise((resolve) => {
      this.#foundGroup = resolve;
    });
    const stdout = new Collected(maxBytes, onOverflow);
    const stderr = new Collected(maxBytes, onOverflow);
    channel.on('data', (chunk: Buffer) => stdout.add(chunk));
    channel.stderr.on('data', (chunk: Buffer) => {
      const said = this.#told ? chunk : this.#afterMark(chunk);
      if (said) stderr.add(said);
    });
    this.ended = new Promise((resolve) => {
      let exitCode: number | null = null;
      channel.on('error', () => {});
      channel.on('exit', (code: number | null, signal?: string) => {
        exitCode = code ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
      });
      channel.on('close', () => {
        if (!this.#told) stderr.add(this.#before);
        this.#foundGroup(null);
        resolve({ exitCode, stdout: stdout.all(), stderr: stderr.all() });
      });
    });
  }

  /** Ends the command and all that it started. */
  close(): Promise<void> {
    return endRemote(this, this.#link);
  }

  /**
   * What follows the mark's line, once it was there. The line itself is dropped, and what the login
   * shell's start-up files printed before it.
   */
  #afterMark(chunk: Buffer): Buffer | null {
    const said = Buffer.concat([this.#before, chunk]);
    this.#before = said;
    const at = said.indexOf(this.#mark);
    const end = at < 0 ? -1 : said.indexOf('\n', at);
    if (end < 0 && said.length < LONGEST_GREETING) return null;
    this.#told = true;
    if (end < 0) {
      this.#foundGroup(null);
      return said;
    }
    this.#foundGroup(Number(said.subarray(at + this.#mark.length, end).toString()) || null);
    return said.subarray(end + 1);
  }
}

class Collected {
  readonly #max: number;
  readonly #onOverflow: () => void;
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(max: number, onOverflow: () => void) {
    this.#max = max;
    this.#onOverflow = onOverflow;
  }

  add(chunk: Buffer): void {
    if (this.#size > this.#max) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size > this.#max) this.#onOverflow();
  }

  all(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
