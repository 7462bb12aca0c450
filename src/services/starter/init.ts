import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { ExternalError } from '../../errors.ts';
import { createFile, naming } from '../disk/files.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { makeStateDir } from '../disk/state-dir.ts';
import { writeEdgeFiles } from '../edge/files.ts';
import { parseBytes } from '../env/document.ts';
import { setKey } from '../env/edit.ts';
import { EnvStore } from '../env/store.ts';
import { toBytes } from '../env/text.ts';
import { openLocal } from '../executor/local.ts';
import { openProject } from '../project/project.ts';
import { edgeSettings } from './edge-settings.ts';
import type { InitPlan } from './init-plan.ts';
import { sizeFor } from './sizing.ts';
import { EDGE_DIR } from './template.ts';

/** Of files that others than their owner may read; the .env is no such file. */
const MODE = 0o644;
const SMALL = { cores: 1, memoryBytes: 2 ** 30 };

/**
 * Carries out a plan of `planInit`. A file that came to be since then is not overwritten; where it
 * fails, the files that it made are gone again.
 */
export async function writeInit(plan: InitPlan, signal: AbortSignal): Promise<void> {
  const { dir, env, adoption } = plan;
  const made: string[] = [];
  await mkdir(dir, { recursive: true });
  try {
    await writeFiles(plan, made);
    await firstEdge(dir, signal);
    if (env.size > 0) await addToEnv(dir, env, signal);
    if (adoption?.text && adoption.added !== '') await rewriteCompose(plan);
  } catch (error) {
    for (const file of made) await nodeDisk.remove(file).catch(() => {});
    throw error;
  }
}

async function writeFiles({ dir, files }: InitPlan, made: string[]): Promise<void> {
  const owner = await nodeDisk.ownerFor(dir);
  const like = owner ? { ...owner, mode: MODE } : { ...ids(), mode: MODE };
  for (const { path, text } of files) {
    const file = join(dir, path);
    await mkdir(dirname(file), { recursive: true });
    await createFile(nodeDisk, file, Buffer.from(text), like);
    made.push(file);
  }
}

function ids() {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

/** The file as it was is kept beside the other versions of what PortSync changed. */
async function rewriteCompose({ dir, adoption }: InitPlan): Promise<void> {
  if (!adoption?.text) return;
  const { file, before, text } = adoption;
  if ((await readFile(file, 'utf8')) !== before) throw changedMeanwhile(file);
  const kept = await makeStateDir(nodeDisk, dir, 'compose');
  const time = new Date().toISOString().replace(/[-:.]/g, '');
  await createFile(nodeDisk, join(kept, `${time}.yml`), Buffer.from(before), null);
  await naming(file, writeFileAtomic(file, text));
}

async function addToEnv(
  dir: string,
  env: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const write = (content: Buffer | null) => {
    let document = parseBytes(content ?? Buffer.alloc(0));
    for (const [key, value] of env) document = setKey(document, key, value);
    return toBytes(document.text);
  };
  await new EnvStore(dir).change(write, 'portsync init', signal);
}

/** For plain `docker compose up`; `portsync up` writes them again, for the machine it runs on. */
async function firstEdge(dir: string, signal: AbortSignal): Promise<void> {
  const { settings } = await openProject(dir);
  await makeStateDir(nodeDisk, dir, 'edge');
  const small = edgeSettings(settings, sizeFor(SMALL, null));
  await writeEdgeFiles(openLocal(), join(dir, EDGE_DIR), small, 'blue', signal);
}

function changedMeanwhile(file: string): ExternalError {
  return new ExternalError({
    code: 'changed-meanwhile',
    message: `${file} was changed after it was looked at. It was not written.`,
    why: 'Writing it would have undone the other change.',
    next: 'Run portsync init again.',
  });
}
