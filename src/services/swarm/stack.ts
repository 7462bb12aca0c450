import type { Colour } from '../../model/container.ts';
import { type Compose, type ComposeService, environmentOf, isRecord, record } from './compose.ts';
import { fingerprint } from './print.ts';
import { labelsOf, literal, swarmService, withMemory } from './swarm-service.ts';

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

export function stackWith(
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
