import { readFile } from 'node:fs/promises';
import { ExternalError } from '../../errors.ts';
import type { HostKey } from '../../model/host-key.ts';
import { fingerprint, judge, type KnownHost, keyType, parseKnownHosts } from './known-hosts.ts';

/** The host shows a key that no file knows. A person has to compare the fingerprint and pin it. */
export class HostKeyUnknownError extends ExternalError {
  readonly hostKey: HostKey;

  constructor(hostKey: HostKey) {
    super({
      code: 'host-key-unknown',
      message: `${hostKey.host} is not known yet: ${hostKey.type} ${hostKey.fingerprint}.`,
      why: 'Its host key is neither in known_hosts nor pinned, so it could be any machine.',
      next: 'Compare the fingerprint with the one that ssh-keygen -l prints on that machine, then pin it.',
    });
    this.hostKey = hostKey;
  }
}

/** The host shows another key than the one on file. Nothing is sent to it. */
export class HostKeyChangedError extends ExternalError {
  readonly hostKey: HostKey;

  constructor(hostKey: HostKey, known: readonly KnownHost[]) {
    const places = known.map(
      (entry) => `${entry.type} ${printOf(entry)} in ${entry.file}:${entry.line}`,
    );
    const files = [...new Set(known.map((entry) => entry.file))];
    const remove = files.map((file) => `ssh-keygen -f '${file}' -R '${hostKey.host}'`);
    super({
      code: 'host-key-changed',
      message: `The host key of ${hostKey.host} has changed. PortSync does not connect to it.`,
      why: `It shows ${hostKey.type} ${hostKey.fingerprint}; known is ${places.join(', ')}. Either the machine was set up anew, or someone stands in between.`,
      next: `Find out which. Only if it was set up anew, forget the old key: ${remove.join('; ')}`,
    });
    this.hostKey = hostKey;
  }
}

function printOf(entry: KnownHost): string {
  return fingerprint(Buffer.from(entry.key, 'base64'));
}

/** The lines of all these files, those that do not exist left out. */
export async function readKnownHosts(files: readonly string[]): Promise<KnownHost[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(noFile)));
  return texts.flatMap((text, at) => parseKnownHosts(text, files[at] ?? ''));
}

function noFile(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
  // Skipping a file that cannot be read could make a changed key look like a new one.
  throw new ExternalError({
    code: 'known-hosts-unreadable',
    message: `The known host keys in ${error.path ?? 'a file'} cannot be read.`,
    why: error.message,
    next: 'Make the file readable for you.',
    cause: error,
  });
}

/** Null when `key`, shown by `host`, may be trusted; else the error that says why not. */
export function hostKeyProblem(
  entries: readonly KnownHost[],
  host: string,
  key: Uint8Array,
): ExternalError | null {
  const judged = judge(entries, host, key);
  const shown: HostKey = {
    host,
    type: keyType(key),
    key: Buffer.from(key).toString('base64'),
    fingerprint: fingerprint(key),
  };
  switch (judged.verdict) {
    case 'known':
      return null;
    case 'unknown':
      return new HostKeyUnknownError(shown);
    case 'changed':
      return new HostKeyChangedError(shown, judged.entries);
    case 'revoked':
      return revoked(shown, judged.entries);
  }
}

function revoked(shown: HostKey, entries: readonly KnownHost[]): ExternalError {
  const places = entries.map((entry) => `${entry.file}:${entry.line}`).join(', ');
  return new ExternalError({
    code: 'host-key-revoked',
    message: `The host key of ${shown.host} is revoked. PortSync does not connect to it.`,
    why: `${shown.type} ${shown.fingerprint} is marked @revoked in ${places}.`,
    next: 'Give the machine new host keys; a revoked one may be in other hands.',
  });
}
