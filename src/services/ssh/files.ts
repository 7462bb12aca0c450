import type { RunOptions } from '../../ports/executor.ts';
import { fileError } from '../executor/file-errors.ts';
import { type ExecResult, exec } from './exec.ts';
import type { Session } from './session.ts';

const LIMIT_MS = 60_000;
const LARGEST_FILE = 64 * 1024 * 1024;

// The count of bytes tells the end of the file from the end of the connection.
const WRITE = `
set -eu
umask 077
file=$0 mode=$1 size=$2
if [ -d "$file" ]; then echo 'Is a directory' >&2; exit 1; fi
if [ -L "$file" ]; then file=$(readlink -f -- "$file"); fi
temporary=$(mktemp -- "$file.XXXXXX")
trap 'rm -f -- "$temporary"' EXIT
trap 'exit 1' HUP INT TERM
cat >"$temporary"
if [ "$(wc -c <"$temporary")" -ne "$size" ]; then echo 'The data did not arrive whole' >&2; exit 1; fi
if [ -e "$file" ]; then chown "$(stat -c %u:%g -- "$file")" "$temporary" 2>/dev/null || :; fi
chmod "$mode" "$temporary"
sync -- "$temporary" 2>/dev/null || sync
mv -f -- "$temporary" "$file"
trap - EXIT
`;

export async function readRemote(
  session: Session,
  path: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const limits = { signal, timeoutMs: LIMIT_MS, maxBytes: LARGEST_FILE };
  const result = await script(session, 'exec cat -- "$0"', [path], limits);
  if (result.exitCode === 0) return result.stdout;
  throw fileError('read', path, session.where, complaint(result, path), null);
}

/** A temporary file beside it, synced, renamed over it; links are followed, the owner is kept. */
export async function writeRemote(
  session: Session,
  path: string,
  data: Uint8Array,
  mode: number,
  signal: AbortSignal,
): Promise<void> {
  const args = [path, (mode & 0o7777).toString(8), String(data.byteLength)];
  const limits = { signal, timeoutMs: LIMIT_MS, input: data };
  const result = await script(session, WRITE, args, limits);
  if (result.exitCode === 0) return;
  throw fileError('write', path, session.where, complaint(result, path), null);
}

/** A path that begins with a dash would be an option to some of the programs. */
function script(
  session: Session,
  text: string,
  [path = '', ...rest]: string[],
  limits: RunOptions,
): Promise<ExecResult> {
  const safe = path.startsWith('-') ? `./${path}` : path;
  const command = ['env', 'LC_ALL=C', 'sh', '-c', text, safe, ...rest];
  return exec(session, command, limits);
}

function complaint({ stderr, exitCode }: ExecResult, path: string): string {
  const last = stderr.toString('utf8').trim().split('\n').at(-1) ?? '';
  return (
    last
      .split(path)
      .join('')
      .replace(/^.*?:\s*/, '') || `exit code ${exitCode}`
  );
}
