import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { UsageError } from '../../errors.ts';

const DEEPEST_INCLUDE = 16;
const INCLUDE = /^[ \t]*Include(?:[ \t]+|[ \t]*=[ \t]*)(.+?)[ \t]*$/i;

/**
 * The text of the configuration that ssh would use: `configFile` alone (as `ssh -F`), else the
 * user's and then the system's. Include lines are replaced by what they name.
 */
export function readConfigText(home: string, configFile: string | null): string {
  const user = join(home, '.ssh');
  if (configFile) return expand(read(configFile, true), user, home, 0);
  const own = expand(read(join(user, 'config'), false), user, home, 0);
  const system = expand(read('/etc/ssh/ssh_config', false), '/etc/ssh', home, 0);
  // The first value found wins, and the lines before a file's first Host are for every host.
  return `${own}\nHost *\n${system}`;
}

function expand(text: string, base: string, home: string, depth: number): string {
  if (depth > DEEPEST_INCLUDE) return '';
  const lines = text.split('\n').map((line) => {
    const patterns = INCLUDE.exec(line)?.[1];
    if (!patterns) return line;
    const files = words(patterns).flatMap((pattern) => matching(pattern, base, home));
    return files.map((file) => expand(read(file, false), base, home, depth + 1)).join('\n');
  });
  return lines.join('\n');
}

function words(text: string): string[] {
  return [...text.matchAll(/"([^"]+)"|(\S+)/g)].map((word) => word[1] ?? word[2] ?? '');
}

/** Files that an Include names; wildcards are understood in the last part of the path. */
function matching(pattern: string, base: string, home: string): string[] {
  const path = pattern.startsWith('~/') ? join(home, pattern.slice(2)) : pattern;
  const file = isAbsolute(path) ? path : join(base, path);
  if (!/[*?]/.test(basename(file))) return [file];
  const source = basename(file).replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  const shape = new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  try {
    const entries = readdirSync(dirname(file)).filter((name) => shape.test(name));
    return entries.sort().map((name) => join(dirname(file), name));
  } catch {
    return [];
  }
}

function read(file: string, required: boolean): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!required && (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR')) return '';
    throw new UsageError({
      code: 'ssh-config-unreadable',
      message: `The SSH configuration ${file} cannot be read.`,
      why: message,
      next: 'Make the file readable for you.',
      cause: error,
    });
  }
}
