import { type Compose, type ComposeService, isRecord, list } from '../swarm/compose.ts';
import { withDefaults } from '../swarm/interpolate.ts';
import { isLoopback, portsOf } from '../swarm/ports.ts';
import { isLost } from '../swarm/stack-keys.ts';
import type { AdoptOptions } from './adopt.ts';
import { isReserved } from './names.ts';
import type { Roles } from './roles.ts';

/** Something in a compose file that PortSync treats otherwise than `docker compose` does, or cannot. */
export interface Remark {
  /** `services.web.network_mode` */
  at: string;
  /** `refused` stops the adoption; `ignored` says what will not be. */
  kind: 'refused' | 'ignored';
  why: string;
}

export function missingRole({ services }: Compose, { web }: Roles): Remark[] {
  const names = Object.keys(services).join(', ');
  if (web === null) {
    const why = `none of ${names} is plainly the app: name it with --web, or in portsync.yaml as services: web:`;
    return [{ at: 'services', kind: 'refused', why }];
  }
  if (services[web]) return [];
  return [
    { at: `services.${web}`, kind: 'refused', why: `there is no such service, but ${names}` },
  ];
}

/** What a swarm has no word for, and what becomes of it. */
const IGNORED: Record<string, string> = {
  container_name: 'replicas get names of their own',
  cgroup_parent: 'a swarm chooses the control group',
  cpuset: 'a swarm chooses the processors',
  devices: 'a swarm has no devices',
  links: 'services find each other by name',
  mem_limit: 'write it as deploy.resources.limits.memory',
  cpus: 'write it as deploy.resources.limits.cpus',
  privileged: 'a swarm has no privileged containers',
  security_opt: 'a swarm has no such option',
  shm_size: 'a swarm gives 64 MB; mount a tmpfs at /dev/shm instead',
  userns_mode: 'a swarm has no such option',
};

const REFUSED: Record<string, string> = {
  extends: 'docker stack deploy does not read other files; copy what it extends',
  network_mode: 'a replica needs a network of the stack, so that the load balancer finds it',
  volumes_from: 'docker stack deploy does not know it; name the volumes',
};

export function remarksOn(compose: Compose, roles: Roles, options: AdoptOptions): Remark[] {
  const services = Object.entries(compose.services).filter(([name]) => name !== roles.edge);
  return [
    ...services.flatMap(([name]) => onName(name, roles)),
    ...services.flatMap(([name, service]) => onService(name, service, roles)),
    ...onBuild(compose.services[roles.web ?? '']?.build, `services.${roles.web}.build`),
    ...services.flatMap(([name, service]) => onPorts(name, service, roles, options)),
    ...onNetworks(compose),
  ];
}

function onName(name: string, roles: Roles): Remark[] {
  if (!isReserved(name, roles)) return [];
  const why = 'PortSync has a service of this name itself: call yours otherwise';
  return [{ at: `services.${name}`, kind: 'refused', why }];
}

/** What of `build` PortSync hands to the builder. */
const BUILT_WITH = ['context', 'dockerfile', 'target', 'args'];
/** Without these the same program comes out, perhaps more slowly. */
const OF_NO_WEIGHT = ['cache_from', 'cache_to', 'labels', 'no_cache', 'pull', 'tags'];

function onBuild(build: unknown, at: string): Remark[] {
  if (!isRecord(build)) return [];
  return Object.keys(build).flatMap((key): Remark[] => {
    if (BUILT_WITH.includes(key) || key.startsWith('x-')) return [];
    const kind = OF_NO_WEIGHT.includes(key) ? 'ignored' : 'refused';
    const why = `the image is built with ${BUILT_WITH.join(', ')} alone`;
    return [{ at: `${at}.${key}`, kind, why }];
  });
}

function onService(name: string, service: ComposeService, roles: Roles): Remark[] {
  const at = (key: string) => `services.${name}.${key}`;
  const needed = name === roles.web || name === roles.database?.service;
  const remarks = Object.keys(service).flatMap((key): Remark[] => {
    const refused = REFUSED[key];
    if (refused) return [{ at: at(key), kind: 'refused', why: refused }];
    if (!isLost(key)) return [];
    const why = IGNORED[key] ?? 'docker stack deploy does not know it';
    return [{ at: at(key), kind: 'ignored', why }];
  });
  const foreign = list(service.env_file)
    .map(envFileName)
    .filter((name) => name !== '.env');
  if (foreign.length > 0) {
    const why = `the environment of a service is the .env that PortSync keeps: move there what ${foreign.join(', ')} has`;
    remarks.push({ at: at('env_file'), kind: 'refused', why });
  }
  if (list(service.profiles).length > 0) {
    const why = needed
      ? 'a service with a profile is not always there'
      : 'a service with a profile is left to docker compose';
    remarks.push({ at: at('profiles'), kind: needed ? 'refused' : 'ignored', why });
  }
  if (service.image === undefined && service.build === undefined) {
    remarks.push({
      at: `services.${name}`,
      kind: 'refused',
      why: 'it has neither image nor build',
    });
  } else if (service.image === undefined && name !== roles.web) {
    const why = 'a swarm builds nothing: build it beforehand and name its image';
    remarks.push({ at: at('build'), kind: 'refused', why });
  }
  const mode = isRecord(service.deploy) ? service.deploy.mode : undefined;
  if (name === roles.web && mode === 'global') {
    const why = 'replicas are counted, not one for each node';
    remarks.push({ at: at('deploy.mode'), kind: 'refused', why });
  }
  return remarks;
}

function envFileName(entry: unknown): string {
  return String(isRecord(entry) ? entry.path : entry).replace(/^\.\//, '');
}

function onPorts(
  name: string,
  service: ComposeService,
  roles: Roles,
  { httpPort, httpsPort }: AdoptOptions,
): Remark[] {
  const ports = portsOf(withDefaults(service.ports));
  if (ports.length === 0 || roles.edge !== null) return [];
  const at = `services.${name}.ports`;
  if (name === roles.web) {
    const taken = ports.some((entry) => entry?.published === httpPort);
    const under = taken ? `; under docker compose it and the edge both want port ${httpPort}` : '';
    return [{ at, kind: 'ignored', why: `only the load balancer publishes the app${under}` }];
  }
  if (name === roles.database?.service) {
    const why = 'the database is never published: ports that Docker publishes pass by the firewall';
    return [{ at, kind: 'ignored', why }];
  }
  const clash = ports.find(
    (entry) =>
      entry && [httpPort, httpsPort].includes(entry.published) && !isLoopback(entry.hostIp),
  );
  if (clash) {
    const why = `it takes port ${clash.published}, which the load balancer needs: remove it, or give the load balancer another with --port`;
    return [{ at, kind: 'refused', why }];
  }
  return ports
    .filter((entry) => !entry || entry.published === null || isLoopback(entry.hostIp))
    .slice(0, 1)
    .map(() => ({
      at,
      kind: 'ignored',
      why: 'a swarm publishes on a fixed port of all addresses only',
    }));
}

function onNetworks({ networks }: Compose): Remark[] {
  return Object.entries(networks).flatMap(([name, network]): Remark[] => {
    if (!isRecord(network)) return [];
    const { driver, external } = network;
    if (external) {
      const why = 'it must be an attachable overlay, or the stack finds no such network';
      return [{ at: `networks.${name}`, kind: 'ignored', why }];
    }
    if (driver === undefined || driver === 'bridge' || driver === 'overlay') return [];
    return [
      { at: `networks.${name}.driver`, kind: 'refused', why: `a swarm has no ${driver} networks` },
    ];
  });
}
