import { UsageError } from '../../errors.ts';
import { note } from '../output.ts';
import { ask, readStdin } from '../prompt.ts';

const LONGEST_URL = 64 * 1024;

/**
 * The target's connection string: as it was given, from standard input for `-`, or from a question
 * whose answer is not shown. @throws UsageError where nobody can be asked.
 */
export async function readTarget(given: string | undefined, signal: AbortSignal): Promise<string> {
  if (given === '-') return (await readStdin(LONGEST_URL)).toString('utf8').trim() || nothing();
  if (given !== undefined) {
    // Anything between : and @ is a password.
    if (/:[^/@]+@/.test(given)) note(IN_HISTORY);
    return given;
  }
  if (!process.stdin.isTTY) return nothing();
  return ask('Connection string of the new database (not shown): ', { hidden: true, signal });
}

const IN_HISTORY =
  'The password in this command stays in the shell’s history and is seen in ps. Next time leave it\n' +
  'out and paste it when asked, or give “-” and the string on standard input.';

function nothing(): never {
  throw new UsageError({
    code: 'no-target',
    message: 'It is not known where the database is to go.',
    why: 'No connection string was given.',
    next: 'Give one, or “-” and one on standard input: portsync migrate - < file',
  });
}
