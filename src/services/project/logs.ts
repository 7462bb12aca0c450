import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ExternalError } from '../../errors.ts';
import type { Container, LogLine } from '../../model/container.ts';

/**
 * Writes lines of a container's log to a new private file under the project's .portsync/logs, or
 * the home directory's, and answers its path.
 */
export async function saveLogs(
  projectDir: string | null,
  container: Container,
  lines: readonly LogLine[],
): Promise<string> {
  const dir = join(projectDir ?? homedir(), '.portsync', 'logs');
  const name = container.name.replace(/[^A-Za-z0-9_.-]+/g, '-');
  const time = new Date().toISOString().replace(/[:.]/g, '-');
  const file = join(dir, `${name}-${time}.log`);
  const text = lines.map((line) => `${line.at ?? '-'} ${line.stream} ${line.text}\n`).join('');
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new ExternalError({
      code: 'logs-not-saved',
      message: `The lines could not be saved to ${file}.`,
      why: (error as Error).message,
      next: 'See that there is space on the disk and that the directory is yours.',
      cause: error,
    });
  }
  return file;
}
