import { UsageError } from '../../errors.ts';

// A command line reaches the remote shell as one argument, which Linux limits to 128 KiB.
const LONGEST = 120_000;

/**
 * One argument as every login shell reads it back unchanged. Quotes and backslashes stand outside
 * the single quotes, because fish interprets them inside.
 */
export function quote(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replace(/['\\]/g, (special) => `'\\${special}'`)}'`;
}

/** @throws UsageError when the line is longer than a remote shell takes. */
export function commandLine(command: readonly string[]): string {
  const line = command.map(quote).join(' ');
  if (Buffer.byteLength(line) <= LONGEST) return line;
  throw new UsageError({
    code: 'command-too-long',
    message: `The arguments of ${command[0]} are too long to be sent over SSH.`,
    why: `They have ${Buffer.byteLength(line)} bytes; a remote shell takes ${LONGEST}.`,
    next: 'Send the data on standard input, or in a file.',
  });
}
