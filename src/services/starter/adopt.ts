import { isMap, parseDocument } from 'yaml';
import {
  type Compose,
  type ComposeService,
  isRecord,
  list,
  parseCompose,
} from '../swarm/compose.ts';
import { isLoopback, portsOf } from '../swarm/ports.ts';
import { type Roles, rolesOf } from './roles.ts';
import { edgeLines } from './template.ts';

/** Something in a compose file that PortSync treats otherwise than `docker compose` does, or cannot. */
export interface Remark {
  /** `services.web.network_mode` */
  at: string;
  /** `refused` stops the adoption; `ignored` says what will not be. */
  kind: 'refused' | 'ignored';
  why: string;
}

export interface Adoption {
  roles: Roles;
  remarks: Remark[];
  /** What is added, as it will stand in the file; empty where everything is there. */
  added: string;
  /** The whole file with it; null where it cannot be adopted. */
  text: string | null;
}

export interface AdoptOptions {
  web?: string | undefined;
  httpPort: number;
  httpsPort: number | null;
}

/** What PortSync adds to somebody's compose file, and what stands against it. Every byte of theirs stays. */
export function adopt(text: string, file: string, options: AdoptOptions): Adoption {
  const compose = parseCompose(text, file);
  const roles = rolesOf(compose, options.web === undefined ? {} : { web: options.web });
  const remarks = [...missingRole(compose, roles), ...remarksOn(compose, roles, options)];
  const refused = remarks.some(({ kind }) => kind === 'refused');
  if (refused || roles.web === null) return { roles, remarks, added: '', text: null };
  if (roles.edge !== null) return { roles, remarks, added: '', text };
  const lines = edgeFor(compose.services[roles.web] ?? {}, roles.web, options);
  const place = placeIn(text);
  if (place === null) {
    const why = 'it is written in one line; write its services below each other';
    return { roles, remarks: [{ at: 'services', kind: 'refused', why }], added: '', text: null };
  }
  const added = lines.map((line) => `${place.indent}${line}\n`).join('');
  const before = text.slice(0, place.at).replace(/\n*$/, '\n\n');
  return {
    roles: { ...roles, edge: 'edge' },
    remarks,
    added,
    text: before + added + text.slice(place.at),
  };
}

function missingRole({ services }: Compose, { web }: Roles): Remark[] {
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

function remarksOn(compose: Compose, roles: Roles, options: AdoptOptions): Remark[] {
  const services = Object.entries(compose.services).filter(([name]) => name !== roles.edge);
  return [
    ...services.flatMap(([name, service]) => onService(name, service, roles)),
    ...services.flatMap(([name, service]) => onPorts(name, service, roles, options)),
    ...onNetworks(compose),
  ];
}

function onService(name: string, service: ComposeService, roles: Roles): Remark[] {
  const at = (key: string) => `services.${name}.${key}`;
  const needed = name === roles.web || name === roles.database?.service;
  const remarks = Object.keys(service).flatMap((key): Remark[] => {
    const refused = REFUSED[key];
    if (refused) return [{ at: at(key), kind: 'refused', why: refused }];
    const ignored = IGNORED[key];
    return ignored ? [{ at: at(key), kind: 'ignored', why: ignored }] : [];
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
  const ports = portsOf(service.ports);
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

/** On the app's networks, and under plain `docker compose up` with the name it looks for. */
function edgeFor(web: ComposeService, name: string, options: AdoptOptions): string[] {
  const networks = isRecord(web.networks) ? Object.keys(web.networks) : list(web.networks);
  return [
    '# Added by portsync init: what users reach, and what switches between old and new replicas.',
    ...edgeLines(options),
    '  links:',
    `    - ${name}:web-blue`,
    ...(networks.length > 0 ? ['  networks:', ...networks.map((each) => `    - ${each}`)] : []),
  ];
}

/** After the last service, at its indentation. */
function placeIn(text: string): { at: number; indent: string } | null {
  const services = parseDocument(text).get('services', true);
  if (!isMap(services) || services.flow || !services.range) return null;
  const first = services.items[0]?.key as { range?: [number, number, number] } | undefined;
  if (!first?.range) return null;
  const lineStart = text.lastIndexOf('\n', first.range[0] - 1) + 1;
  const indent = text.slice(lineStart, first.range[0]);
  if (!/^ +$/.test(indent)) return null;
  const end = services.range[1];
  const body = text.slice(0, end).replace(/\s*$/, '');
  return { at: Math.min(body.length + 1, text.length), indent };
}
