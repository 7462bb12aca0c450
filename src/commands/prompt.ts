import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CancelledError, UsageError } from '../errors.ts';

/**
 * Asks a yes/no question on the terminal; `yes` answers it beforehand.
 * @throws CancelledError on any answer but y or yes; UsageError where no one can be asked.
 */
export async function confirm(question: string, yes: boolean, signal: AbortSignal): Promise<void> {
  if (yes) return;
  mustBeAskable(question);
  const answer = await ask(`${question} [y/N] `, { hidden: false, signal });
  if (!/^y(es)?$/i.test(answer.trim())) throw new CancelledError();
}

/** For work that a person does before the question: better refused than lost. */
export function mustBeAskable(question: string): void {
  if (process.stdin.isTTY) return;
  throw new UsageError({
    code: 'confirmation-needed',
    message: `“${question}” has to be answered first.`,
    why: 'There is no terminal to ask on.',
    next: 'Add --yes to go ahead without being asked.',
  });
}

/** One line from the terminal; a hidden one is not shown while it is typed or pasted. */
export async function ask(
  prompt: string,
  options: { hidden: boolean; signal: AbortSignal },
): Promise<string> {
  process.stderr.write(prompt);
  // Readline echoes by itself: to a stream that keeps nothing, where the answer is a secret.
  const output = options.hidden
    ? new Writable({ write: (_c, _e, done) => done() })
    : process.stderr;
  const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  try {
    return await new Promise<string>((resolve, reject) => {
      const cancel = () => reject(new CancelledError());
      lines.once('line', resolve).once('SIGINT', cancel).once('close', cancel);
      options.signal.addEventListener('abort', cancel, { once: true });
    });
  } finally {
    lines.close();
    if (options.hidden) process.stderr.write('\n');
  }
}

/** All of standard input, for values and URLs that must not be in an argument list. */
export async function readStdin(limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) {
      throw new UsageError({
        code: 'input-too-large',
        message: 'There is more on standard input than this command takes.',
        why: `The limit is ${limitBytes} bytes.`,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
