import { appendFileSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const LIMIT_BYTES = 1_000_000;

/** A stream whose `write` can be taken over, as standard output and error can. */
type Writes = Pick<NodeJS.WriteStream, 'write'>;

/**
 * Where messages go while the screen is taken: a line printed into a full-screen program would stay
 * there, or scroll it away. The file is made with the first message.
 */
export class CrashLog {
  readonly path: string;
  /** Something was written into it. */
  used = false;

  constructor(path: string) {
    this.path = path;
  }

  write(text: string): void {
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      if (sizeOf(this.path) > LIMIT_BYTES) return;
      appendFileSync(this.path, text.endsWith('\n') ? text : `${text}\n`, { mode: 0o600 });
      this.used = true;
    } catch {
      // A full or read-only disk must not end the program that wants to say so.
    }
  }

  /** Sends what is written to these streams here, until the returned function is called. */
  capture(streams: Writes[]): () => void {
    const undo = streams.map((stream) => this.captureOne(stream));
    return () => {
      for (const giveBack of undo) giveBack();
    };
  }

  private captureOne(stream: Writes): () => void {
    const own = Object.getOwnPropertyDescriptor(stream, 'write');
    const write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      this.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const done = rest.at(-1);
      if (typeof done === 'function') process.nextTick(done);
      return true;
    };
    stream.write = write as Writes['write'];
    return () => {
      if (own) Object.defineProperty(stream, 'write', own);
      else delete (stream as Partial<Writes>).write;
    };
  }
}

/** Beside what other programs keep of their runs, for this user only. */
export function crashLogPath(env: NodeJS.ProcessEnv, home: string): string {
  return join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'portsync', 'screen.log');
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
