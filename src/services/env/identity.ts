import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { UsageError } from '../../errors.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { ageSeal, keyIn, type SealSettings } from './seal.ts';

export interface Identity {
  settings: SealSettings;
  /** Made just now: the person has to keep a copy of it. */
  fresh: boolean;
}

/**
 * The key in `file`, which is made where there is none.
 * @throws UsageError where it lies in the project directory: who copies that would copy the key.
 */
export async function identityAt(projectDir: string, file: string): Promise<Identity> {
  const path = await placeOf(file);
  if (path.startsWith((await realpath(projectDir)) + sep)) throw insideProject(path);
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
  const text = (await nodeDisk.read(path))?.toString('utf8') ?? null;
  const key = text === null ? await generateX25519Identity() : keyIn(text);
  if (key === null) throw noKey(path);
  const recipient = await identityToRecipient(key);
  if (text === null) await writeKey(path, key, recipient);
  const settings = { recipient, identity: path };
  await prove(settings);
  return { settings, fresh: text === null };
}

async function placeOf(file: string): Promise<string> {
  const path = resolve(file);
  try {
    return join(await realpath(dirname(path)), basename(path));
  } catch (cause) {
    throw new UsageError({
      code: 'env-key-place',
      message: `${dirname(path)} is no directory that this user can enter.`,
      next: 'Make it first, outside the project directory.',
      cause,
    });
  }
}

async function writeKey(path: string, key: string, recipient: string): Promise<void> {
  const file = await nodeDisk.open(path, 'create', 0o600);
  try {
    await file.write(Buffer.from(`# public key: ${recipient}\n${key}\n`));
    await file.sync();
  } finally {
    await file.close();
  }
  await nodeDisk.syncDir(dirname(path));
}

/** Nothing is encrypted for a key that could not open it. */
async function prove(settings: SealSettings): Promise<void> {
  const seal = ageSeal(nodeDisk, settings);
  await seal.open(await seal.seal(Buffer.from('proof')));
}

function insideProject(path: string): UsageError {
  return new UsageError({
    code: 'env-key-inside',
    message: 'The key must not lie in the project directory. Nothing was changed.',
    why: `A copy of the directory would hold ${path} beside what it opens.`,
    next: 'Name a file elsewhere, such as /root/portsync-env.key.',
  });
}

function noKey(path: string): UsageError {
  return new UsageError({
    code: 'env-key-missing',
    message: `There is no age key in ${path}. Nothing was changed.`,
    why: 'A line that begins with AGE-SECRET-KEY-1 is looked for, as age-keygen writes it.',
    next: 'Name another file, or one that does not exist yet: it is made.',
  });
}
