import { CancelledError, ExternalError, type PortSyncError, UsageError } from '../../errors.ts';

export const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

/** What a wait ends with when `signal` aborts: a time limit is the system's failure, the rest a wish. */
export function stopped(signal: AbortSignal, what: string): PortSyncError {
  const reason: unknown = signal.reason;
  if (!(reason instanceof Error) || reason.name !== 'TimeoutError')
    return new CancelledError(reason);
  return new ExternalError({
    code: 'timed-out',
    message: `${what} took too long.`,
    why: 'There was no answer within the time limit.',
    next: 'Look at the load of the machine and the network to it.',
    cause: reason,
  });
}

/** Names a command without its arguments: they may be long, or private. */
export function commandTimedOut(
  program: string,
  address: string,
  timeoutMs: number,
): ExternalError {
  return new ExternalError({
    code: 'command-timeout',
    message: `${program} on ${address} did not finish within ${timeoutMs / 1000} s and was ended.`,
    why: 'The machine is overloaded, or the command waits for something.',
    next: 'Look at the machine’s load, then try again.',
  });
}

export function outputTooBig(program: string, address: string, maxBytes: number): ExternalError {
  return new ExternalError({
    code: 'output-too-big',
    message: `${program} on ${address} printed more than ${maxBytes} bytes and was ended.`,
    why: 'PortSync reads no more than that into memory.',
  });
}

/** The program's name, from a command that can be carried to any machine. */
export function programOf(command: readonly string[]): string {
  const program = command[0];
  if (program && !command.some((part) => part.includes('\0'))) return program;
  throw new UsageError({
    code: 'command-invalid',
    message: 'The command cannot be run.',
    why: program ? 'An argument contains a NUL character.' : 'It is empty.',
  });
}
