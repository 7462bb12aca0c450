import { readFile } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';

/** Asks a person for the passphrase of a key file; null when they do not want to give it. */
export type AskPassphrase = (keyFile: string, again: boolean) => Promise<string | null>;

const ATTEMPTS = 3;

export type LoadedKey = { key: ParsedKey } | { missing: true } | { problem: string };

/** Keys opened with a passphrase, by file, so that a reconnection does not ask again. */
export type OpenedKeys = Map<string, ParsedKey>;

/** Reads a private key, asking for its passphrase where it has one. */
export async function loadKey(
  file: string,
  opened: OpenedKeys,
  ask: AskPassphrase | undefined,
): Promise<LoadedKey> {
  let data: Buffer;
  try {
    data = await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { missing: true } : { problem: message };
  }
  const plain = privateKey(data);
  if (!(plain instanceof Error)) return { key: plain };
  if (!/passphrase/i.test(plain.message)) return { problem: plain.message };
  const known = opened.get(file);
  if (known) return { key: known };
  if (!ask) return { problem: 'it needs a passphrase; add it to an agent with ssh-add' };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const passphrase = await ask(file, attempt > 0);
    if (passphrase === null) return { problem: 'no passphrase was given' };
    const key = privateKey(data, passphrase);
    if (key instanceof Error) continue;
    opened.set(file, key);
    return { key };
  }
  return { problem: 'the passphrase was wrong' };
}

function privateKey(data: Buffer, passphrase?: string): ParsedKey | Error {
  const parsed = ssh2.utils.parseKey(data, passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || key instanceof Error) return key ?? new Error('it holds no key');
  return key.isPrivateKey() ? key : new Error('it holds no private key');
}

/** The public half that lies beside a key file; null where there is none. */
export async function publicHalf(file: string): Promise<Buffer | null> {
  try {
    const parsed = ssh2.utils.parseKey(await readFile(`${file}.pub`));
    const key = Array.isArray(parsed) ? parsed[0] : parsed;
    return key === undefined || key instanceof Error ? null : key.getPublicSSH();
  } catch {
    return null;
  }
}
