import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Dockerode from 'dockerode';
import { execa } from 'execa';

/** What the images of a test are made from. */
export const BASE = 'portsync-test-base';

/**
 * A Dockerfile of `lines` on the base, built by the builder of the engine itself.
 * @param files what is beside it, by its name there: paths on this machine
 */
export async function buildImage(
  docker: Dockerode,
  name: string,
  lines: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'portsync-test-image-'));
  try {
    await writeFile(join(dir, 'Dockerfile'), [`FROM ${BASE}`, ...lines].join('\n'));
    for (const [file, path] of Object.entries(files)) await symlink(path, join(dir, file));
    const tar = execa('tar', ['-C', dir, '-ch', '.'], { buffer: false });
    const said = await ended(await docker.buildImage(tar.stdout, { t: name }));
    await tar;
    if (/"errorDetail"/.test(said)) throw new Error(said);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** What the engine says until it is done. */
export async function ended(answer: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of answer) text += chunk;
  return text;
}
