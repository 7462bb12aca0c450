import type { DatabaseKind } from '../../model/database.ts';
import { type Compose, type ComposeService, environmentOf, isRecord } from '../swarm/compose.ts';
import { portsOf } from '../swarm/ports.ts';

/** Which service of a compose file is what. */
export interface Roles {
  web: string | null;
  database: { service: string; kind: DatabaseKind } | null;
  edge: string | null;
}

type Named = { web?: string | undefined; database?: string | undefined; edge?: string | undefined };

const WEB_NAMES = ['web', 'app', 'frontend', 'next', 'nextjs', 'site', 'www'];

/** By what portsync.yaml says, else by what the services are made of and called. */
export function rolesOf({ services }: Compose, named: Named = {}): Roles {
  const names = Object.keys(services);
  const at = (name: string) => services[name] ?? {};
  const databases = names.filter((name) => kindOf(at(name)) !== null);
  const database = named.database ?? databases[0] ?? null;
  const kind = database === null ? null : kindOf(at(database));
  const edge = named.edge ?? names.find((name) => isEdge(at(name))) ?? null;
  const rest = names.filter((name) => name !== edge && !databases.includes(name));
  const web =
    named.web ??
    WEB_NAMES.find((name) => rest.includes(name)) ??
    rest.find((name) => servesNextJs(at(name))) ??
    (rest.length === 1 ? (rest[0] ?? null) : null);
  return { web, database: database !== null && kind ? { service: database, kind } : null, edge };
}

/** By its image, whatever registry it comes from. */
export function kindOf({ image }: ComposeService): DatabaseKind | null {
  const name = String(image ?? '').split('@')[0] ?? '';
  const last = name.split('/').at(-1)?.split(':')[0] ?? '';
  if (/^(postgres|postgresql|postgis|pgvector|timescaledb|timescaledb-ha)$/.test(last))
    return 'postgres';
  return /^(mongo|mongodb|mongodb-community-server)$/.test(last) ? 'mongo' : null;
}

/** A load balancer that PortSync set up, and no other that somebody runs. */
function isEdge({ image, volumes }: ComposeService): boolean {
  const ours = JSON.stringify(volumes ?? []).includes('.portsync/edge');
  return ours && /(^|\/)haproxy(:|@|$)/.test(String(image ?? ''));
}

function servesNextJs(service: ComposeService): boolean {
  const built = service.build !== undefined || isRecord(service.build);
  const port = portsOf(service.ports).some((entry) => entry?.target === 3000);
  return built && (port || environmentOf(service).has('DATABASE_URL'));
}
