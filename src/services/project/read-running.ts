import { join } from 'node:path';
import { PortSyncError } from '../../errors.ts';
import { dockerEngines, webEnvironments } from '../docker/index.ts';
import { parsed } from '../env/changes.ts';
import type { Running } from '../env/drift.ts';
import { openLab } from '../lab/client.ts';
import { Machines } from './machines.ts';
import { openProject, type Project } from './project.ts';

/** Where an environment could not be read, and why. */
export interface Unread {
  where: string;
  why: string;
}

export interface RunningEnvironments {
  running: Running[];
  /** One machine that does not answer hides nothing of the others. */
  unread: Unread[];
}

/**
 * The environments of the project's web replicas, and the copies of its .env that lie in the same
 * place on its other machines. Values of secrets are in it.
 */
export async function readRunning(
  projectDir: string,
  signal: AbortSignal,
): Promise<RunningEnvironments> {
  const project = await openProject(projectDir);
  const lab = await openLab(project.dir);
  if (lab) {
    const found = await lab.environments(signal);
    const running = found.map(({ replica, env }) => ({ where: replica, env }));
    await lab.close();
    return { running, unread: [] };
  }
  const machines = new Machines(project.dir);
  try {
    const all = await Promise.all([
      ofEngines(project, machines, signal),
      ofCopies(project, machines, signal),
    ]);
    return {
      running: all.flatMap(({ running }) => running),
      unread: all.flatMap(({ unread }) => unread),
    };
  } finally {
    await machines.close();
  }
}

async function ofEngines(
  project: Project,
  machines: Machines,
  signal: AbortSignal,
): Promise<RunningEnvironments> {
  const nodes = project.settings.nodes ?? [];
  const engines = await dockerEngines({ nodes, ssh: async (address) => machines.at(address) });
  try {
    return await collected(engines, async (engine) => {
      const found = await webEnvironments(engine, project, signal);
      return found.map(({ name, node, env }) => ({ where: `${name} on ${node}`, env }));
    });
  } finally {
    for (const engine of engines) engine.close();
  }
}

async function ofCopies(
  { dir, settings }: Project,
  machines: Machines,
  signal: AbortSignal,
): Promise<RunningEnvironments> {
  const nodes = (settings.nodes ?? []).map((node) => ({ ...node, id: node.name }));
  return collected(nodes, async ({ name, address }) => {
    const file = join(dir, '.env');
    const content = await machines.at(address).readFile(file, signal).catch(nullIfMissing);
    if (content === null) return [];
    return [{ where: `.env on ${name}`, env: parsed(content).values, copy: true }];
  });
}

async function collected<T extends { id: string }>(
  sources: readonly T[],
  read: (source: T) => Promise<Running[]>,
): Promise<RunningEnvironments> {
  const result: RunningEnvironments = { running: [], unread: [] };
  await Promise.all(
    sources.map(async (source) => {
      try {
        result.running.push(...(await read(source)));
      } catch (error) {
        if (!(error instanceof PortSyncError)) throw error;
        result.unread.push({ where: source.id, why: error.message });
      }
    }),
  );
  return result;
}

/** A node needs no copy: its replicas get their environment from the engine. */
function nullIfMissing(error: unknown): null {
  if (error instanceof PortSyncError && error.code === 'file-missing') return null;
  throw error;
}
