import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { DatabaseKind } from '../../model/database.ts';
import { dockerEngines, type Engine } from '../docker/index.ts';
import { readServing } from '../edge/files.ts';
import { HaproxyEdge } from '../edge/haproxy.ts';
import { parsed } from '../env/changes.ts';
import { EnvStore } from '../env/store.ts';
import { openLocal } from '../executor/local.ts';
import type { Project } from '../project/project.ts';
import { SwarmApi } from '../swarm/api.ts';
import { type Compose, parseCompose } from '../swarm/compose.ts';
import { SwarmFleet } from '../swarm/fleet.ts';
import { type ReleaseCommand, releaseWords } from '../swarm/release.ts';
import { stackName } from './names.ts';
import { type Roles, rolesOf } from './roles.ts';
import { type Sizing, sizeFor } from './sizing.ts';
import { EDGE_DIR, EDGE_DIR_INSIDE } from './template.ts';

const RELEASE_SECONDS = 600;

export const COMPOSE_FILES = [
  'docker-compose.yml',
  'docker-compose.yaml',
  'compose.yaml',
  'compose.yml',
];

/** A project on this machine's engine: its files, its services, its load balancer. */
export interface Stage {
  project: Project;
  app: string;
  composeFile: string;
  api: SwarmApi;
  engine: Engine;
  fleet: SwarmFleet;
  edge: HaproxyEdge;
  edgeDir: string;
  compose(): Promise<Compose>;
  /** What the replicas get; empty where there is no .env. */
  env(): Promise<ReadonlyMap<string, string>>;
  roles(): Promise<Roles>;
  sizing(signal: AbortSignal): Promise<Sizing>;
  close(): void;
}

/** Null where the project has no compose file with a web service. Nothing is connected yet. */
export async function openStage(project: Project): Promise<Stage | null> {
  const composeFile = await findCompose(project.dir);
  if (composeFile === null) return null;
  const compose = async () => parseCompose(await readFile(composeFile, 'utf8'), composeFile);
  const roles = async () => rolesOf(await compose(), project.settings.services);
  const { web } = await roles();
  if (web === null) return null;
  const [engine] = await dockerEngines();
  if (!engine) return null;
  const app = stackName(project.name);
  const api = new SwarmApi(engine.api);
  const machine = openLocal();
  const edgeDir = join(project.dir, EDGE_DIR);
  const sizing = async (signal: AbortSignal) => {
    const { NCPU, MemTotal } = await api.info(signal);
    const kind: DatabaseKind | null = (await roles()).database?.kind ?? null;
    return sizeFor({ cores: NCPU, memoryBytes: MemTotal }, kind, project.settings.web?.replicas);
  };
  const fleet = new SwarmFleet({
    api,
    engine: engine.id,
    app,
    dir: project.dir,
    readCompose: compose,
    web,
    memoryBytes: async (signal) => (await sizing(signal)).webBytes,
    // The file, which every switch writes: the edge itself may not be there yet, or not any more.
    serving: (signal) => readServing(machine, edgeDir, signal),
    release: releaseOf(project),
  });
  const names = (signal: AbortSignal) => fleet.names(signal);
  const edge = new HaproxyEdge({ machine, dir: edgeDir, dirInside: EDGE_DIR_INSIDE, names });
  return {
    project,
    app,
    composeFile,
    api,
    engine,
    fleet,
    edge,
    edgeDir,
    compose,
    env: async () => parsed(await new EnvStore(project.dir).live()).values,
    roles,
    sizing,
    close: () => engine.close(),
  };
}

function releaseOf({ settings: { rollout } }: Project): ReleaseCommand | null {
  if (rollout?.release === undefined) return null;
  const limitMs = (rollout.releaseSeconds ?? RELEASE_SECONDS) * 1000;
  return { command: releaseWords(rollout.release), limitMs };
}

/** @throws UsageError `no-compose`. */
export async function mustOpenStage(project: Project): Promise<Stage> {
  const stage = await openStage(project);
  if (stage) return stage;
  throw new UsageError({
    code: 'no-compose',
    message: `There is no compose file with a web service in ${project.dir}.`,
    why: `None of ${COMPOSE_FILES.join(', ')} has a service that is the app.`,
    next: 'portsync init writes one, or say which service it is: services: web: NAME in portsync.yaml.',
  });
}

export async function findCompose(dir: string): Promise<string | null> {
  for (const name of COMPOSE_FILES) {
    const file = join(dir, name);
    const found = await readFile(file).then(Boolean, () => false);
    if (found) return file;
  }
  return null;
}
