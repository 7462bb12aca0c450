import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExternalError } from '../../errors.ts';

const PREFIX = 'edit-';

/**
 * Lets a person edit a private copy of `content` and answers what they saved. The copy lies in a
 * directory of its own, which takes the editor's swap and backup files along when it is removed.
 */
export async function editCopy(
  projectDir: string,
  content: Uint8Array,
  editor: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const parent = join(projectDir, '.portsync', 'env');
  await removeForgotten(parent);
  const dir = join(parent, `${PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  try {
    const copy = join(dir, '.env');
    await writeFile(copy, content, { mode: 0o600 });
    await run(editor, copy, signal);
    return await readFile(copy);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** $EDITOR may have arguments (`code --wait`), so a shell takes it apart. */
function run(editor: string, file: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const args = ['-c', `${editor} "$1"`, 'portsync', file];
    const child = spawn('/bin/sh', args, { stdio: 'inherit', signal });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(failed(editor, code))));
  });
}

function failed(editor: string, code: number | null): ExternalError {
  return new ExternalError({
    code: 'editor-failed',
    message: 'The editor did not end well. Nothing was changed.',
    why: `“${editor}” ended with ${code === null ? 'a signal' : `exit code ${code}`}.`,
    next: 'Set EDITOR to the editor you want, for example EDITOR=nano.',
  });
}

/** Copies of sessions that were killed: they hold secrets and no one will come back for them. */
async function removeForgotten(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (!isRunning(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
