import type { Colour } from '../../model/container.ts';
import {
  type Compose,
  type ComposeService,
  environmentOf,
  isRecord,
  list,
  record,
} from './compose.ts';
import { interpolated, valuesFrom } from './interpolate.ts';
import { hostPorts } from './ports.ts';
import { fingerprint } from './print.ts';
import { isTaken } from './stack-keys.ts';

/** What goes to `docker stack deploy`: JSON, which is YAML, too. */
export interface Stack {
  version: '3.8';
  services: Record<string, ComposeService>;
  volumes?: Record<string, unknown>;
  networks: Record<string, unknown>;
  secrets?: Record<string, unknown>;
  configs?: Record<string, unknown>;
}

export interface WebColour {
  colour: Colour;
  image: string;
  /** Of an image that no registry has; null lets every node fetch it. */
  imageId: string | null;
  env: ReadonlyMap<string, string>;
  replicas: number;
  memoryBytes: number | null;
  /** Makes this start's tasks unlike those of every earlier one. */
  start: string;
}

export const LABELS = {
  colour: 'portsync.colour',
  start: 'portsync.start',
  /** Of a service: what it was made from, see `fingerprint`. */
  print: 'portsync.print',
  /** Of a task: its image's name, where the service has its id. */
  image: 'portsync.image',
  /** Of a service: the image that the compose file named then. */
  wanted: 'portsync.wanted',
  /** Of a service that may be stopped: how many replicas it had. */
  replicas: 'portsync.replicas',
} as const;

/**
 * Around the check of the image itself: Swarm kills what fails it. On a machine short of processor a
 * check alone takes seconds, and the load balancer, which checks as well, has long sent nobody there.
 */
const PATIENT = { interval: '5s', timeout: '20s', retries: 6, start_period: '60s' };

/** One colour of the web service of a compose file, alone: a deploy of it touches nothing else. */
export function webStack(compose: Compose, service: string, web: WebColour): Stack {
  const { colour, image, imageId, env, replicas, memoryBytes, start } = web;
  const base = swarmService(compose.services[service] ?? {}, new Map());
  const deploy = record(base, 'deploy');
  const labels = { [LABELS.colour]: colour, [LABELS.start]: start, [LABELS.image]: image };
  const kept = {
    [LABELS.colour]: colour,
    [LABELS.replicas]: String(replicas),
    [LABELS.print]: webPrint(compose, service, { env, memoryBytes }),
    [LABELS.wanted]: String(compose.services[service]?.image ?? ''),
  };
  // What the compose file says of its own takes its variables from the same environment.
  const own = [...environmentOf(compose.services[service] ?? {})].filter(([key]) => !env.has(key));
  const given = [...env].map(([key, value]) => [key, literal(value)] as const);
  const name = { PORTSYNC_REPLICA: '{{.Service.Name}}.{{.Task.Slot}}' };
  return stackWith(compose, {
    [`web-${colour}`]: {
      ...base,
      // By its name it would be looked for in a registry at every start.
      image: imageId ?? image,
      healthcheck: { ...PATIENT, ...record(base, 'healthcheck') },
      // The load balancer is the only way in.
      ports: undefined,
      environment: { ...name, ...Object.fromEntries([...own, ...given]) },
      labels: { ...labelsOf(base.labels), ...labels },
      // The alias of plain `docker compose up`, where this colour has no name of its own.
      networks: withoutAliases(base.networks),
      deploy: {
        ...deploy,
        replicas,
        labels: { ...labelsOf(deploy.labels), ...kept },
        restart_policy: { condition: 'any', delay: '1s', ...record(deploy, 'restart_policy') },
        resources: withMemory(deploy.resources, memoryBytes),
      },
    },
  });
}

/** Changes whenever the replicas would have to be made anew, their image and number apart. */
export function webPrint(
  compose: Compose,
  service: string,
  { env, memoryBytes }: Pick<WebColour, 'env' | 'memoryBytes'>,
): string {
  return fingerprint(compose.services[service], [...env].sort(), memoryBytes);
}

export interface ServicePatch {
  /** Of the node that has its volume. */
  pinnedTo: string | null;
  memoryBytes: number | null;
  command: readonly string[] | null;
  /** A database: ports that Docker publishes pass by the machine's firewall. */
  hidden: boolean;
}

/**
 * Every other service of a compose file that is to run always. `env` is the project's .env, in the
 * place of env_file, whose quotes `docker stack deploy` would keep.
 */
export function baseStack(
  compose: Compose,
  web: string,
  env: ReadonlyMap<string, string>,
  patches: ReadonlyMap<string, ServicePatch>,
  encrypted: boolean,
): Stack {
  const others = Object.entries(compose.services).filter(
    ([name, service]) => name !== web && list(service.profiles).length === 0,
  );
  const services = others.map(([name, service]) => {
    const made = patched(swarmService(service, env), patches.get(name));
    return [name, withPrint(made, env)] as const;
  });
  return stackWith(compose, Object.fromEntries(services), encrypted);
}

/** Only the variables that a service refers to: another one's change is none of its business. */
function withPrint(service: ComposeService, env: ReadonlyMap<string, string>): ComposeService {
  const names = JSON.stringify(service)
    .replaceAll('$$', '')
    .matchAll(/\$\{?([A-Za-z_]\w*)/g);
  const used = [...names].map(([, name = '']) => [name, process.env[name] ?? env.get(name)]);
  const deploy = record(service, 'deploy');
  const labels = { ...labelsOf(deploy.labels), [LABELS.print]: fingerprint(service, used) };
  return { ...service, deploy: { ...deploy, labels } };
}

function patched(service: ComposeService, patch: ServicePatch | undefined): ComposeService {
  if (!patch) return service;
  const deploy = record(service, 'deploy');
  const placement = record(deploy, 'placement');
  const pin = patch.pinnedTo === null ? [] : [`node.id == ${patch.pinnedTo}`];
  return {
    ...service,
    ...(patch.hidden ? { ports: undefined } : {}),
    ...(patch.command && service.command === undefined ? { command: [...patch.command] } : {}),
    deploy: {
      ...deploy,
      resources: withMemory(deploy.resources, patch.memoryBytes),
      placement: { ...placement, constraints: [...list(placement.constraints), ...pin] },
    },
  };
}

function swarmService(service: ComposeService, env: ReadonlyMap<string, string>): ComposeService {
  const kept = Object.entries(service).filter(([key]) => isTaken(key));
  const deploy = record(service, 'deploy');
  const files = list(service.env_file).length > 0;
  const fromFile = files ? [...env].map(([key, value]) => [key, literal(value)] as const) : [];
  const own = [...environmentOf(service)];
  const ports = hostPorts(interpolated(service.ports, valuesFrom(env)));
  return {
    ...Object.fromEntries(kept),
    ...(fromFile.length + own.length > 0
      ? { environment: Object.fromEntries([...fromFile, ...own]) }
      : {}),
    ...withoutNewKeys(service),
    ports: ports.length > 0 ? ports : undefined,
    deploy: {
      ...deploy,
      endpoint_mode: 'dnsrr',
      // The old one lets go of its port or its files before the new one takes them.
      update_config: { order: 'stop-first', ...record(deploy, 'update_config') },
      restart_policy: restartPolicy(service),
    },
  };
}

/** Parts of keys that only `docker compose` has heard of. */
function withoutNewKeys({ healthcheck, volumes }: ComposeService): ComposeService {
  const check = isRecord(healthcheck) ? { ...healthcheck, start_interval: undefined } : healthcheck;
  const mounts = list(volumes).map((each) =>
    isRecord(each) && isRecord(each.bind)
      ? { ...each, bind: { ...each.bind, create_host_path: undefined, selinux: undefined } }
      : each,
  );
  return {
    ...(healthcheck === undefined ? {} : { healthcheck: check }),
    ...(volumes === undefined ? {} : { volumes: mounts }),
  };
}

function restartPolicy(service: ComposeService): Record<string, unknown> {
  const own = record(record(service, 'deploy'), 'restart_policy');
  if (Object.keys(own).length > 0) return own;
  const restart = String(service.restart ?? 'always');
  if (restart === 'no') return { condition: 'none' };
  const condition = restart.startsWith('on-failure') ? 'on-failure' : 'any';
  return { condition, delay: '1s' };
}

function stackWith(
  compose: Compose,
  services: Record<string, ComposeService>,
  encrypted = false,
): Stack {
  const optional = (['volumes', 'secrets', 'configs'] as const).filter(
    (key) => Object.keys(compose[key]).length > 0,
  );
  return {
    version: '3.8',
    services,
    ...Object.fromEntries(optional.map((key) => [key, compose[key]])),
    networks: networks(compose, encrypted),
  };
}

/**
 * `bridge` is the default of compose, and exists on one machine only. What a network is made with
 * stays: a later deploy that says otherwise changes nothing.
 */
function networks(compose: Compose, encrypted: boolean): Record<string, unknown> {
  const overlay = encrypted ? { driver_opts: { encrypted: '' } } : {};
  const declared = Object.entries(compose.networks).map(([name, network]) => {
    if (!isRecord(network)) return [name, overlay] as const;
    const { driver, ...rest } = network;
    const own = driver !== undefined && driver !== 'bridge';
    return [name, own || network.external ? network : { ...overlay, ...rest }] as const;
  });
  return { default: overlay, ...Object.fromEntries(declared) };
}

function withoutAliases(networks: unknown): unknown {
  return isRecord(networks) ? Object.keys(networks) : networks;
}

function withMemory(resources: unknown, bytes: number | null): Record<string, unknown> {
  const limits = record(resources, 'limits');
  const memory = limits.memory ?? (bytes === null ? undefined : String(bytes));
  const own = isRecord(resources) ? resources : {};
  return memory === undefined ? own : { ...own, limits: { ...limits, memory } };
}

function labelsOf(labels: unknown): Record<string, string> {
  const entries = environmentOf({ environment: labels });
  return Object.fromEntries([...entries].map(([key, value]) => [key, value ?? '']));
}

/** A `$` that is meant as one: variables are replaced in everything that is deployed. */
export function literal(value: string): string {
  return value.replaceAll('$', '$$$$');
}
