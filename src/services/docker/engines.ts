import { access, constants, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { addressText, DEFAULT_SOCKET, type EngineAddress, parseAddress } from './address.ts';
import { chosenEngine, type Environment } from './docker-config.ts';
import { type Engine, openEngine, type Ssh } from './engine.ts';

export interface EngineOptions {
  /** Machines besides this one, as portsync.yaml names them. */
  nodes?: ReadonlyArray<{ name: string; address: string }>;
  ssh?: Ssh;
  env?: Environment;
}

interface Known {
  address: EngineAddress;
  node: string;
}

/**
 * The engines to watch, the one that the docker command would use first: DOCKER_HOST or the current
 * docker context, this machine's sockets, and the project's other machines. There is always one, so
 * that it can say why it does not answer.
 */
export async function dockerEngines(options: EngineOptions = {}): Promise<Engine[]> {
  const { nodes = [], ssh = noSsh, env = process.env } = options;
  const chosen = await chosenEngine(env);
  const here = await localSockets(env, chosen === null);
  const known: Known[] = [
    ...(chosen ? [{ address: chosen, node: nodeOf(chosen) }] : []),
    ...here.map((path): Known => ({ address: { kind: 'unix', path }, node: 'main' })),
  ];
  for (const { name, address } of nodes) addNode(known, name, address);
  return (await once(known)).map((each) => openEngine(each.address, each.node, ssh));
}

/** The version of the engine the docker command would use; null when none answers. */
export async function engineVersion(
  signal: AbortSignal,
  options: EngineOptions = {},
): Promise<string | null> {
  const engines = await dockerEngines(options);
  try {
    return (await engines[0]?.api.version(signal)) ?? null;
  } catch {
    return null;
  } finally {
    for (const engine of engines) engine.close();
  }
}

/** Those that this user may use; else, with `atLeastOne`, the usual one. */
async function localSockets(env: Environment, atLeastOne: boolean): Promise<string[]> {
  const home = env.HOME || homedir();
  const paths = [
    DEFAULT_SOCKET,
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'docker.sock')] : []),
    join(home, '.docker', 'run', 'docker.sock'),
  ];
  const usable = await Promise.all(paths.map(mayUse));
  const found = paths.filter((_, at) => usable[at]);
  return found.length === 0 && atLeastOne ? [DEFAULT_SOCKET] : found;
}

function mayUse(path: string): Promise<boolean> {
  return access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** A node that is the chosen engine already lends it its name. */
function addNode(known: Known[], name: string, address: string): void {
  const engine = parseAddress(`ssh://${address}`, null);
  const same = known.find((each) => addressText(each.address) === addressText(engine));
  if (same) same.node = name;
  else known.push({ address: engine, node: name });
}

function nodeOf(address: EngineAddress): string {
  return address.kind === 'tcp' || address.kind === 'ssh' ? address.host : 'main';
}

/** Two paths may lead to one socket: /var/run is /run. */
async function once(known: readonly Known[]): Promise<Known[]> {
  const places = await Promise.all(
    known.map(({ address }) =>
      address.kind === 'unix'
        ? realpath(address.path).catch(() => address.path)
        : addressText(address),
    ),
  );
  return known.filter((_, at) => places.indexOf(places[at] as string) === at);
}

function noSsh(address: string): never {
  throw new UsageError({
    code: 'engine-address',
    message: `The Docker engine at ssh://${address} is not looked at from here.`,
    next: 'Start PortSync on that machine, or name an engine here with DOCKER_HOST.',
  });
}
