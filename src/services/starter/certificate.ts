import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError } from '../../errors.ts';
import { openLocal } from '../executor/local.ts';
import type { Project } from '../project/project.ts';
import { CERTIFICATE } from './edge-settings.ts';

/** Whether the edge has another certificate than the file that portsync.yaml names, as after a renewal. */
export async function certificateChanged(project: Project, edgeDir: string): Promise<boolean> {
  const wanted = await wantedCertificate(project);
  if (wanted === null) return false;
  return (await readFile(join(edgeDir, CERTIFICATE), 'utf8').catch(() => null)) !== wanted;
}

/** A copy that HAProxy's user can read, in a directory that only the project's owner can enter. */
export async function takeCertificate(
  project: Project,
  edgeDir: string,
  signal: AbortSignal,
): Promise<void> {
  const text = await wantedCertificate(project);
  if (text === null) return;
  const bytes = new TextEncoder().encode(text);
  await openLocal().writeFile(join(edgeDir, CERTIFICATE), bytes, 0o644, signal);
}

/** Null where none is wanted. */
async function wantedCertificate({ dir, settings }: Project): Promise<string | null> {
  if (settings.edge?.certificate === undefined) return null;
  const source = resolve(dir, settings.edge.certificate);
  const text = await readFile(source, 'utf8').catch(() => '');
  const parts = [/-----BEGIN CERTIFICATE-----/, /-----BEGIN [A-Z ]*PRIVATE KEY-----/];
  if (parts.every((part) => part.test(text))) return text;
  throw new UsageError({
    code: 'certificate-invalid',
    message: `${source} cannot be used as the certificate.`,
    why: 'It is to be one file with the certificate, its chain and the key, in PEM.',
    next: 'cat fullchain.pem privkey.pem into that file, and run portsync up.',
  });
}
