import { RELEASE } from '../swarm/release-stack.ts';
import type { Roles } from './roles.ts';

/** What Docker calls the stack, and begins the names of its services, volumes and networks with. */
export function stackName(project: string): string {
  const plain = project
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+|[-_]+$/g, '');
  return plain.slice(0, 40) || 'app';
}

/** As `docker compose` names a project by its directory: then the volumes that it made are found again. */
export function composeName(dir: string): string {
  const plain = dir.toLowerCase().replace(/[^a-z0-9_-]+/g, '');
  return plain.replace(/^[-_]+/, '').slice(0, 40) || 'app';
}

const COLOURS_AND_RELEASE = ['web-blue', 'web-green', RELEASE];

/** Whether a service of somebody's compose file has the name of one that PortSync makes. */
export function isReserved(name: string, { edge }: Pick<Roles, 'edge'>): boolean {
  return COLOURS_AND_RELEASE.includes(name) || (name === 'edge' && edge === null);
}
