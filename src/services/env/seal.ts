import { join } from 'node:path';
import { ExternalError } from '../../errors.ts';
import type { Disk } from '../disk/disk.ts';

/** Encrypts versions at rest, and opens them again. */
export interface Seal {
  /** Needs no key. */
  seal(content: Uint8Array): Promise<Uint8Array>;
  /** @throws ExternalError `env-key-missing`, `env-version-sealed` */
  open(sealed: Uint8Array): Promise<Buffer>;
}

/** What portsync.yaml says under `env.encrypt`. */
export interface SealSettings {
  /** `age1…` */
  recipient: string;
  /** A file with the key, as age-keygen writes it. */
  identity: string;
}

export const SETTINGS_FILE = 'portsync.yaml';

/** Null where versions are kept in the clear. */
export async function sealOf(disk: Disk, projectDir: string): Promise<Seal | null> {
  const settings = await sealSettings(disk, projectDir);
  return settings && ageSeal(disk, settings);
}

export async function sealSettings(disk: Disk, projectDir: string): Promise<SealSettings | null> {
  const file = join(projectDir, SETTINGS_FILE);
  const text = (await disk.read(file))?.toString('utf8') ?? '';
  // Most projects have none of it, and need not wait for the parser.
  if (!text.includes('encrypt')) return null;
  const { parseSettings } = await import('../project/settings.ts');
  return parseSettings(text, file).env?.encrypt ?? null;
}

/** In the format of age (age-encryption.org/v1), so that `age -d` opens it without PortSync. */
export function ageSeal(disk: Disk, { recipient, identity }: SealSettings): Seal {
  return {
    async seal(content) {
      const { Encrypter } = await import('age-encryption');
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      return encrypter.encrypt(content);
    },
    async open(sealed) {
      const key = keyIn((await disk.read(identity).catch(() => null))?.toString('utf8') ?? '');
      if (key === null) throw keyMissing(identity);
      const { Decrypter } = await import('age-encryption');
      const decrypter = new Decrypter();
      decrypter.addIdentity(key);
      try {
        return Buffer.from(await decrypter.decrypt(sealed));
      } catch (cause) {
        throw cannotOpen(identity, cause);
      }
    },
  };
}

/** The first key of an identity file; comments start with #. */
export function keyIn(text: string): string | null {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.find((line) => line.startsWith('AGE-SECRET-KEY-1')) ?? null;
}

function keyMissing(identity: string): ExternalError {
  return new ExternalError({
    code: 'env-key-missing',
    message: 'This version is encrypted, and its key is not here.',
    why: `${identity} has no age key that this user can read.`,
    next: 'Bring the key file there, or run the command as the user who may read it.',
  });
}

function cannotOpen(identity: string, cause: unknown): ExternalError {
  return new ExternalError({
    code: 'env-version-sealed',
    message: 'This version could not be decrypted.',
    why: `It is damaged, or was encrypted for another key than that in ${identity}.`,
    next: 'Choose another version: portsync env list.',
    cause,
  });
}
