import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  /** What it answered: the last line of stdout, where that is JSON. */
  result: Record<string, unknown> & { error?: { code: string; message: string; why: string } };
}

export interface RunningCommand {
  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void;
  ended: Promise<Ended>;
}

export interface Surroundings {
  /** A command that starts it somewhere else, such as in a network namespace. */
  inside?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** What it reads from standard input; nothing by default. */
  input?: string;
}

/** `portsync ARGS` as another process, from a bundled program. */
export function startCommand(
  program: string,
  args: readonly string[],
  { inside = [], env = {}, input = '' }: Surroundings = {},
): RunningCommand {
  const [first = '', ...rest] = [...inside, process.execPath, program, ...args];
  const child = spawn(first, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  // Most commands end without having read any of it.
  child.stdin.on('error', () => {}).end(input);
  return runningCommand(child);
}

export function runningCommand(
  child: ChildProcessByStdio<Writable | null, Readable, Readable>,
): RunningCommand {
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve)).then(
    async (code) => {
      const [out, err] = [await stdout, await stderr];
      return { code, stdout: out, stderr: err, result: lastJson(out) };
    },
  );
  return { kill: (signal) => void child.kill(signal), ended };
}

function lastJson(text: string): Ended['result'] {
  const line = text.trim().split('\n').at(-1) ?? '';
  return line.startsWith('{') ? JSON.parse(line) : {};
}
