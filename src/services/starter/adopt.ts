import { isMap, parseDocument } from 'yaml';
import { type ComposeService, isRecord, list, parseCompose } from '../swarm/compose.ts';
import { missingRole, type Remark, remarksOn } from './adopt-remarks.ts';
import { type Roles, rolesOf } from './roles.ts';
import { type Served, servedBy } from './served.ts';
import { edgeLines } from './template.ts';

export interface Adoption {
  /** What `docker compose` puts before the names of volumes, where the file says it. */
  name: string | null;
  roles: Roles;
  served: Served;
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
  const seen = {
    name: compose.name,
    roles,
    served: servedBy(compose.services[roles.web ?? ''] ?? {}),
    remarks,
  };
  if (refused || roles.web === null) return { ...seen, added: '', text: null };
  if (roles.edge !== null) return { ...seen, added: '', text };
  const lines = edgeFor(compose.services[roles.web] ?? {}, roles.web, options);
  const place = placeIn(text);
  if (place === null) {
    const why = 'it is written in one line; write its services below each other';
    return { ...seen, remarks: [{ at: 'services', kind: 'refused', why }], added: '', text: null };
  }
  const added = lines.map((line) => `${place.indent}${line}\n`).join('');
  const before = text.slice(0, place.at).replace(/\n*$/, '\n\n');
  return {
    ...seen,
    roles: { ...roles, edge: 'edge' },
    added,
    text: before + added + text.slice(place.at),
  };
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
