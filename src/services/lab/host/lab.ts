import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { CancelledError } from '../../../errors.ts';
import { timeLimit } from '../../../limit.ts';
import type { DatabaseKind } from '../../../model/database.ts';
import type { Edge } from '../../../ports/edge.ts';
import { ControlServer } from '../../control/server.ts';
import { ownProgram } from '../../programs.ts';
import { Balancer } from '../balancer/balancer.ts';
import { BalancerEdge } from '../balancer/edge.ts';
import type { LabInfo } from '../control/calls.ts';
import { ProcessFleet } from '../fleet/fleet.ts';
import type { LabApp } from '../fleet/replica.ts';
import { myself } from '../machine/identity.ts';
import { LogRing } from '../machine/log-ring.ts';
import { Monitor } from '../machine/monitor.ts';
import { Registration, sweepLabs } from '../machine/registry.ts';
import { type ServerUser, serverUser } from '../machine/user.ts';
import { type Databases, startDatabases, stopDatabases } from '../servers/databases.ts';
import { serverBinary } from '../servers/find.ts';
import { logOf, type Parts, pidsOf } from './containers.ts';
import { Generator } from './generator.ts';
import { handlersOf } from './handlers.ts';
import { type Home, type LabFile, makeRuntime, prepareHome } from './home.ts';
import { writeProject } from './project.ts';
import { Undo } from './undo.ts';

const HEALTHY_LIMIT_MS = 60_000;
const HEALTH_PATH = '/api/ready';
const DEFAULT_TAIL = 200;
const OWN_IMAGE = 'portsync/lab-app';

export interface LabOptions {
  /** The project directory, which is kept; null for a temporary one, which is not. */
  dir: string | null;
  db: DatabaseKind;
  /** Null for the lab's own. */
  app: LabApp | null;
  replicas: number;
  /** Requests per second that the generator sends; 0 for none until a spike. */
  traffic: number;
  spikeTraffic: number;
  /** Told what is being done, in a few words. */
  progress: (text: string) => void;
  signal: AbortSignal;
}

/** A lab that runs in this process. */
export interface RunningLab {
  info: LabInfo;
  /** Ends and removes everything; a second call waits for the first. */
  stop(): Promise<void>;
}

/** @throws PortSyncError; nothing of the lab is left then. */
export async function startLab(options: LabOptions): Promise<RunningLab> {
  const undo = new Undo();
  try {
    const info = await build(options, undo);
    return { info, stop: () => undo.run() };
  } catch (error) {
    await undo.run().catch(() => {});
    throw options.signal.aborted ? new CancelledError(error) : error;
  }
}

async function build(options: LabOptions, undo: Undo): Promise<LabInfo> {
  const ground = await prepare(options, undo);
  const databases = await openDatabases(options, ground, undo);
  const env = await writeProject(ground.home, databases);
  const web = await openWeb(options, ground, env, undo);
  const info: LabInfo = {
    project: ground.home.project,
    app: web.url,
    database: databases.db.url,
    target: databases.cloud.url,
  };
  await openDoor(options, ground, { ...web, databases, log: new LogRing() }, info, undo);
  return info;
}

interface Ground {
  home: Home;
  /** Ends with the lab. */
  runtime: string;
  registration: Registration;
  user: ServerUser;
  /** What the database servers are run with. */
  binary: string;
}

/** Places, and the note of what is started: before anything is. */
async function prepare({ dir, db, progress, signal }: LabOptions, undo: Undo): Promise<Ground> {
  const swept = await sweepLabs();
  if (swept > 0) progress(`Removed what ${swept === 1 ? 'a lab' : `${swept} labs`} left behind`);
  // A mongod does not mind who runs it.
  const user = db === 'postgres' ? await serverUser(signal) : null;
  const runtime = await makeRuntime(user, signal);
  undo.add(() => rm(runtime, { recursive: true, force: true }));
  const home = await prepareHome(dir ?? join(runtime, 'lab'), user, signal);
  const registration = new Registration(runtime, home.labFile);
  undo.add(() => registration.close());
  const binary = await serverBinary(db, runtime, user, signal);
  return { home, runtime, registration, user, binary };
}

async function openDatabases(options: LabOptions, ground: Ground, undo: Undo): Promise<Databases> {
  const { db, signal, progress } = options;
  progress(`Starting two ${db === 'postgres' ? 'PostgreSQL' : 'MongoDB'} servers`);
  const temporary = options.dir === null;
  const databases = await startDatabases(db, ground.home.data, { ...ground, signal });
  undo.add(() => stopDatabases(databases, temporary));
  return databases;
}

interface Web {
  url: string;
  edge: Edge;
  fleet: ProcessFleet;
  monitor: Monitor;
}

async function openWeb(
  { app, replicas, signal, progress }: LabOptions,
  { registration }: Ground,
  env: ReadonlyMap<string, string>,
  undo: Undo,
): Promise<Web> {
  progress(`Starting ${replicas} web replicas`);
  const balancer = new Balancer(HEALTH_PATH);
  const edge = new BalancerEdge(balancer);
  const url = await balancer.listen();
  const monitor = new Monitor();
  const fleet = new ProcessFleet({ app: app ?? ownApp(), balancer, registration }, monitor);
  undo.add(() => fleet.close());
  // Before the fleet, which would wait for the requests that still run.
  undo.add(() => edge.close());
  await fleet.start('blue', { image: null, env, replicas });
  await fleet.healthy('blue', timeLimit(HEALTHY_LIMIT_MS, signal));
  await edge.switchTo('blue');
  return { url, edge, fleet, monitor };
}

/** Traffic, figures, and the door for other processes; from then on the lab is there. */
async function openDoor(
  { traffic, spikeTraffic }: LabOptions,
  { registration, runtime, home }: Ground,
  parts: Parts & Web,
  info: LabInfo,
  undo: Undo,
): Promise<void> {
  const rates = { perSecond: traffic, spikePerSecond: spikeTraffic };
  const settings = { url: info.app, ...rates, registration: registration.file };
  const generator = new Generator(settings, registration);
  undo.add(() => generator.stop());
  generator.start();
  parts.monitor.start(() => [...pidsOf(parts), generator.pid ?? 0]);
  undo.add(() => parts.monitor.stop());
  const handlers = handlersOf(info, parts.edge, generator, parts);
  const server = new ControlServer(handlers, (name, query, signal) => {
    const log = logOf(parts, name);
    const tail = Number(query.get('tail') ?? DEFAULT_TAIL);
    return query.has('follow') ? log.follow(tail, signal) : log.tail(tail);
  });
  undo.add(() => server.close());
  const control = join(runtime, 'control', 'socket');
  await mkdir(dirname(control), { mode: 0o700 });
  await server.listen(control);
  const file: LabFile = { ...myself(), control };
  await writeFileAtomic(home.labFile, JSON.stringify(file), { mode: 0o600 });
}

function ownApp(): LabApp {
  return { ...ownProgram('lab-app'), cwd: '/', image: OWN_IMAGE };
}
