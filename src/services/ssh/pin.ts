import { mkdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { UsageError } from '../../errors.ts';
import type { HostKey } from '../../model/host-key.ts';
import { fileError } from '../executor/file-errors.ts';
import { names, parseKnownHosts } from './known-hosts.ts';

/** Where keys that a person accepted are kept: in the project; without one, where ssh keeps them. */
export function pinsFile(projectDir: string | null, home = homedir()): string {
  return projectDir ? join(projectDir, '.portsync', 'known_hosts') : join(home, '.ssh/known_hosts');
}

/**
 * Trusts `key` from now on. Only ever called after a person compared its fingerprint.
 * @throws UsageError when the file pins the host to another key: that one has to be removed first.
 * @throws ExternalError when the file cannot be read or written.
 */
export async function pinHostKey(
  projectDir: string | null,
  key: HostKey,
  home = homedir(),
): Promise<void> {
  const file = pinsFile(projectDir, home);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw fileError('read', file, 'local', error.message, error);
  });
  const pinned = parseKnownHosts(text, file).filter((entry) => names(entry, key.host));
  if (pinned.some((entry) => entry.key === key.key && !entry.revoked)) return;
  if (pinned.length > 0) throw taken(key, file);
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  const line = `${key.host} ${key.type} ${key.key}\n`;
  await write(file, `${text}${gap}${line}`).catch((error: Error) => {
    throw fileError('write', file, 'local', error.message, error);
  });
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const mode = await stat(file).then(
    (found) => found.mode & 0o777,
    () => 0o600,
  );
  await writeFileAtomic(file, text, { mode });
}

function taken(key: HostKey, file: string): UsageError {
  return new UsageError({
    code: 'host-key-pinned',
    message: `${key.host} is pinned to another key.`,
    why: `${file} already has a line for it.`,
    next: `If the machine was set up anew: ssh-keygen -f '${file}' -R '${key.host}'`,
  });
}
