import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExternalError } from '../../errors.ts';
import { timeLimit } from '../../limit.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { makeStateDir } from '../disk/state-dir.ts';
import { writeEdgeFiles } from '../edge/files.ts';
import { mapText } from '../edge/map-file.ts';
import { reloadEdge } from '../edge/reload.ts';
import { edgeFile } from '../edge/settings.ts';
import { openLocal } from '../executor/local.ts';
import type { Step } from '../journal/journal.ts';
import { deployStack } from '../swarm/deploy.ts';
import { interpolated, valuesFrom } from '../swarm/interpolate.ts';
import { buildImage, pullImage } from '../swarm/make-image.ts';
import { takeCertificate } from './certificate.ts';
import { edgeSettings } from './edge-settings.ts';
import type { Stage } from './stage.ts';
import { lookForUp, type UpLook } from './up-look.ts';
import type { UpOperation } from './up-plan.ts';
import { type ServiceState, servicesRun } from './up-wait.ts';

const READY_LIMIT_MS = 10 * 60_000;
const EDGE_LIMIT_MS = 60_000;

export interface UpProgress {
  /** A line of what a builder or a registry says. */
  line(text: string): void;
  services(states: readonly ServiceState[]): void;
}

/** Carries out a plan of `planUp` but its last part, the replicas, which is a rollout. */
export async function bringUp(
  stage: Stage,
  seen: UpLook,
  plan: readonly UpOperation[],
  step: Step,
  progress: UpProgress,
  signal: AbortSignal,
): Promise<void> {
  const planned = (id: UpOperation['id']) => plan.some((operation) => operation.id === id);
  if (planned('swarm')) await step('swarm', () => stage.api.init(signal));
  // Only now this machine has the id that its services are kept on it by.
  const look = planned('swarm') ? await lookForUp(stage, seen.options, signal) : seen;
  if (planned('dirs')) await step('dirs', () => makeDirs(stage, look));
  // Before the load balancer first starts: it must not send anybody to a colour that never ran.
  if (look.facts.web.standing === 'missing') await forgetServing(stage, signal);
  if (planned('edge-files')) await step('edge-files', () => writeEdge(stage, look, signal));
  if (planned('image')) await step('image', () => getImage(stage, look, progress, signal));
  if (planned('services')) {
    const { app, project } = stage;
    await step('services', () =>
      deployStack(look.base, { app, dir: project.dir, env: look.env }, signal),
    );
  }
  if (planned('ready')) await step('ready', () => ready(stage, look, progress, signal));
}

async function makeDirs({ project }: Stage, { facts }: UpLook): Promise<void> {
  for (const dir of facts.dirs) await mkdir(join(project.dir, dir), { recursive: true });
}

/** `app none` in place of whatever a file of another time says. */
async function forgetServing({ edgeDir }: Stage, signal: AbortSignal): Promise<void> {
  const machine = openLocal();
  const path = edgeFile(edgeDir, 'map');
  const there = await machine.readFile(path, signal).then(Boolean, () => false);
  if (there) await machine.writeFile(path, new TextEncoder().encode(mapText(null)), 0o644, signal);
}

async function writeEdge(stage: Stage, { sizing }: UpLook, signal: AbortSignal): Promise<void> {
  const { project, edgeDir } = stage;
  const { settings } = project;
  await makeStateDir(nodeDisk, project.dir, 'edge');
  await writeEdgeFiles(openLocal(), edgeDir, edgeSettings(settings, sizing), null, signal);
  await takeCertificate(project, edgeDir, signal);
  if (await answers(stage, signal)) await reloadEdge(openLocal(), edgeDir, signal);
}

async function getImage(
  { api, project, compose }: Stage,
  { facts, roles, env }: UpLook,
  progress: UpProgress,
  signal: AbortSignal,
): Promise<void> {
  const { image, from } = facts.web;
  if (image === null) return;
  const making = { disk: (await api.info(signal)).DockerRootDir, say: progress.line };
  const service = interpolated((await compose()).services[roles.web] ?? {}, valuesFrom(env));
  if (from === 'build') await buildImage(image, service, project.dir, env, making, signal);
  else await pullImage(image, making, signal);
}

async function ready(
  stage: Stage,
  { base, roles }: UpLook,
  progress: UpProgress,
  signal: AbortSignal,
): Promise<void> {
  const limit = timeLimit(READY_LIMIT_MS, signal);
  await servicesRun(stage.api, stage.app, Object.keys(base.services), progress.services, limit);
  if (roles.edge === null) return;
  for (const end = performance.now() + EDGE_LIMIT_MS; !(await answers(stage, signal)); ) {
    signal.throwIfAborted();
    if (performance.now() > end) throw silentEdge(roles.edge);
    await sleep(200);
  }
}

function answers({ edge }: Stage, signal: AbortSignal): Promise<boolean> {
  return edge.traffic(signal).then(
    () => true,
    () => false,
  );
}

function silentEdge(service: string): ExternalError {
  return new ExternalError({
    code: 'edge-unreachable',
    message: 'The load balancer runs, and cannot be spoken to.',
    why: 'Its runtime socket did not appear in .portsync/edge/run.',
    next: `See that the service ${service} mounts ./.portsync/edge and look at its log.`,
  });
}
