import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Disk } from '../disk/disk.ts';
import { replaceFile } from './replace.ts';
import { SETTINGS_FILE, type SealSettings } from './seal.ts';

/** Writes `env.encrypt` of portsync.yaml, or takes it out; comments and order stay. */
export async function writeSealSetting(
  disk: Disk,
  projectDir: string,
  settings: SealSettings | null,
): Promise<void> {
  const file = join(projectDir, SETTINGS_FILE);
  const before = await disk.read(file);
  const document = parseDocument(before?.toString('utf8') ?? '');
  if (settings) document.setIn(['env', 'encrypt'], settings);
  else document.deleteIn(['env', 'encrypt']);
  const rest = document.get('env') as { items?: unknown[] } | undefined;
  if (!settings && rest?.items?.length === 0) document.delete('env');
  const after = Buffer.from(document.toString());
  await replaceFile(disk, file, after, before);
}
