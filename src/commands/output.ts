import type { Command, CommanderError } from 'commander';
import { CancelledError, EXIT, type ExitCode, PortSyncError, toProblem } from '../errors.ts';

/** What every command takes; `project` is a directory. */
export interface CommonOptions {
  json?: boolean;
  project?: string;
}

/** The project directory that a command is about, as `--project` names it. */
export function projectDir(options: CommonOptions): string {
  return options.project ?? process.cwd();
}

/** One JSON value on stdout: an answer, or one line of the progress of longer work. */
export function printResult(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Text for a person, on stdout: the answer itself. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Everything that is not the answer: advice, progress, questions. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Text from outside on one line, so that no escape sequence in it reaches the terminal. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\p{C}/gu, '\ufffd');
}

/**
 * Runs a command's work and sets the exit code: what it answers, else 0; a failure is printed as
 * what · why · next, or as the last JSON line. The signal aborts on Ctrl-C and on SIGTERM; a second one
 * ends the process at once.
 */
export async function runCommand(
  options: CommonOptions,
  work: (signal: AbortSignal) => Promise<ExitCode | undefined>,
): Promise<void> {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    stop.abort(new CancelledError());
  };
  // Not `once`: libraries end the process at a signal for which they find no listener but their own.
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  process.stdout.once('error', endQuietlyOnClosedPipe);
  try {
    process.exitCode = (await work(stop.signal)) ?? EXIT.done;
  } catch (error) {
    process.exitCode = printFailure(
      options,
      stop.signal.aborted && !(error instanceof PortSyncError) ? new CancelledError(error) : error,
    );
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

export function printFailure(options: CommonOptions, error: unknown): ExitCode {
  const { code, message, why, next } = toProblem(error);
  if (options.json) {
    printResult({ event: 'result', ok: false, error: { code, message, why, next } });
  } else {
    note([message, why, next].filter((line) => line !== null).join('\n'));
  }
  if (error instanceof PortSyncError) return error.exitCode;
  if (error instanceof Error && process.env.PORTSYNC_DEBUG) note(error.stack ?? '');
  return EXIT.failed;
}

/**
 * Parses `argv` and runs what it names. A wrong option or argument ends with exit code 2, and as
 * JSON where that was asked for.
 */
export async function runProgram(program: Command, argv: readonly string[] = process.argv) {
  const json = argv.includes('--json');
  everyCommand(program, (command) => {
    command.exitOverride();
    if (json) command.configureOutput({ writeErr: () => {} });
  });
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (!isUsage(error)) throw error;
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (json && error.exitCode !== 0) {
      const message = error.message.replace(/^error: /, '');
      const next = 'Add --help to the command to see what it takes.';
      printResult({
        event: 'result',
        ok: false,
        error: { code: 'usage', message, why: null, next },
      });
    }
  }
}

function everyCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) everyCommand(child, visit);
}

/** By its code: the name of its class does not survive the bundling. */
function isUsage(error: unknown): error is CommanderError {
  return error instanceof Error && 'code' in error && /^commander\./.test(String(error.code));
}

/** `portsync … | head` closes our stdout: the reader has what it wanted. */
function endQuietlyOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.done);
}
