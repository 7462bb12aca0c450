import { readFile } from 'node:fs/promises';
import { edgeFilesChanged } from '../edge/files.ts';
import { openLocal } from '../executor/local.ts';
import { needsBoth } from '../migration/look.ts';
import { placesOf } from '../migration/places.ts';
import type { Info, Service } from '../swarm/answers.ts';
import { baseStack } from '../swarm/base-stack.ts';
import type { Compose } from '../swarm/compose.ts';
import { hasImage, newImage } from '../swarm/images.ts';
import { interpolate, valuesFrom } from '../swarm/interpolate.ts';
import { LABELS, type Stack, webPrint } from '../swarm/stack.ts';
import { missingDirs } from './bind-dirs.ts';
import { certificateChanged } from './certificate.ts';
import { edgeSettings } from './edge-settings.ts';
import { hasEsp } from './esp.ts';
import type { Roles } from './roles.ts';
import type { Sizing } from './sizing.ts';
import type { Stage } from './stage.ts';
import { withoutUnused } from './unused-database.ts';
import { patchesOf, pinOf, standingOf, type UpFacts } from './up-facts.ts';
import { needEverything, refuseCompose, refuseNames, refuseStack } from './up-refusals.ts';

export interface UpOptions {
  /** Build the app's image anew although one runs. */
  build: boolean;
  now: Date;
}

/** Everything that was looked at for a plan, and what carrying it out needs. */
export interface UpLook {
  facts: UpFacts;
  compose: Compose;
  roles: Roles & { web: string };
  env: ReadonlyMap<string, string>;
  sizing: Sizing;
  base: Stack;
  options: UpOptions;
}

/** Looks at the files and at what runs; changes nothing. */
export async function lookForUp(
  stage: Stage,
  options: UpOptions,
  signal: AbortSignal,
): Promise<UpLook> {
  const { app, project } = stage;
  const { compose, roles, env, info, services } = await groundOf(stage, signal);
  const named = new Map(services.map((service) => [service.Spec.Name, service]));
  const sizing = await stage.sizing(signal);
  const { web, edge } = roles;
  const nodeOf = (name: string) => pinOf(named.get(`${app}_${name}`)) ?? info.Swarm.NodeID;
  const database = roles.database?.service ?? null;
  const patches = patchesOf(compose, { database, edge }, sizing, nodeOf);
  const base = baseStack(compose, web, env, patches, await hasEsp());
  const settings = edgeSettings(project.settings, sizing);
  const facts: UpFacts = {
    app,
    swarm: isSwarm(info),
    edgeFiles:
      edge !== null &&
      ((await edgeFilesChanged(openLocal(), stage.edgeDir, settings, signal)) ||
        (await certificateChanged(project, stage.edgeDir))),
    dirs: await missingDirs(compose, project.dir),
    services: Object.keys(base.services).map((name) => ({
      name,
      // A machine that is no swarm yet gets its id, and with it this print, only when it becomes one.
      standing: standingOf(named.get(`${app}_${name}`), printOf(base, name)),
      memoryBytes: patches.get(name)?.memoryBytes ?? null,
    })),
    web: await webFacts(stage, { compose, web, env, sizing, services, options }, signal),
  };
  return { facts, compose, roles, env, sizing, base, options };
}

/** What the files say and what runs, where nothing of it stands against an up. */
async function groundOf(stage: Stage, signal: AbortSignal) {
  const { api, app, project, engine } = stage;
  await engine.api.version(signal);
  const [compose, roles, env, info] = await Promise.all([
    stage.compose(),
    stage.roles(),
    stage.env(),
    api.info(signal),
  ]);
  const web = roles.web ?? '';
  needEverything(await readFile(stage.composeFile, 'utf8'), env);
  refuseNames(compose, roles);
  refuseCompose(await engine.api.list(signal), project.dir);
  const services = isSwarm(info) ? await api.services(app, signal) : [];
  refuseStack(services, app, web);
  const runs = (name: string) => services.some(({ Spec }) => Spec.Name === `${app}_${name}`);
  // A move may go back to what it came from, also after a down.
  const moving = await needsBoth(placesOf(project.dir));
  const keep = (name: string) => moving || runs(name);
  const used = withoutUnused(compose, roles, env.get('DATABASE_URL'), keep);
  return { compose: used, roles: { ...roles, web }, env, info, services };
}

function isSwarm({ Swarm }: Info): boolean {
  return Swarm.LocalNodeState === 'active';
}

interface WebLook {
  compose: Compose;
  web: string;
  env: ReadonlyMap<string, string>;
  sizing: Sizing;
  services: readonly Service[];
  options: UpOptions;
}

async function webFacts(
  { app, api, fleet }: Stage,
  { compose, web, env, sizing, services, options }: WebLook,
  signal: AbortSignal,
): Promise<UpFacts['web']> {
  const { replicas, webBytes: memoryBytes } = sizing;
  const colour = services.length > 0 ? await fleet.servingColour(signal) : null;
  const running = services.find(({ Spec }) => Spec.Name === `${app}_web-${colour}`);
  const service = compose.services[web] ?? {};
  const named = interpolate(String(service.image ?? ''), valuesFrom(env));
  const print = webPrint(compose, web, { env, memoryBytes });
  const again = service.build !== undefined && options.build;
  const standing = again ? 'changed' : standingOf(running, print);
  const sameImage = running?.Spec.Labels?.[LABELS.wanted] === named && !again;
  const base = { standing: running ? standing : 'missing', replicas, memoryBytes } as const;
  if (running && sameImage) return { ...base, image: null, from: 'here' };
  if (service.build !== undefined) {
    return { ...base, image: newImage(app, options.now), from: 'build' };
  }
  const here = await hasImage(api.engine, named, signal);
  return { ...base, image: named, from: here ? 'here' : 'pull' };
}

function printOf({ services }: Stack, name: string): string {
  const deploy = services[name]?.deploy as { labels?: Record<string, string> } | undefined;
  return deploy?.labels?.[LABELS.print] ?? '';
}
