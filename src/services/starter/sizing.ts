import type { DatabaseKind } from '../../model/database.ts';

const MB = 2 ** 20;

export interface Machine {
  cores: number;
  memoryBytes: number;
}

/** How a machine is shared out. Limits are where a container is stopped, not what it is expected to use. */
export interface Sizing {
  replicas: number;
  webBytes: number;
  /** Null where the database is elsewhere. */
  database: { bytes: number; command: string[] } | null;
  edgeBytes: number;
  maxConnections: number;
}

/** What a replica of a Next.js app uses under load; during a rollout there are two for each place. */
const REPLICA_BYTES = 160 * MB;

/**
 * One replica for each core, as one process of Node uses no more than one, but two where memory
 * allows, so that one may die; the database gets a quarter of the memory, the machine itself an
 * eighth. `wanted` is what portsync.yaml asks for.
 */
export function sizeFor(
  { cores, memoryBytes }: Machine,
  kind: DatabaseKind | null,
  wanted: number | null = null,
): Sizing {
  const machineBytes = Math.max(256 * MB, memoryBytes / 8);
  const edgeBytes = clamp(memoryBytes / 32, 64 * MB, 512 * MB);
  const databaseBytes = kind === null ? 0 : Math.max(192 * MB, memoryBytes / 4);
  const free = Math.max(0, memoryBytes - machineBytes - edgeBytes - databaseBytes);
  const room = Math.floor(free / (2 * REPLICA_BYTES));
  const replicas = wanted ?? clamp(Math.max(cores, 2), 1, Math.max(room, 1));
  return {
    replicas,
    webBytes: wholeMegabytes(clamp(free / (2 * replicas), 256 * MB, 1024 * MB)),
    database: kind && {
      bytes: wholeMegabytes(databaseBytes),
      command: kind === 'postgres' ? postgresCommand(databaseBytes) : mongoCommand(databaseBytes),
    },
    edgeBytes: wholeMegabytes(edgeBytes),
    // Two buffers of 16 KiB for each, beside what HAProxy needs for itself.
    maxConnections: clamp(Math.floor((edgeBytes - 32 * MB) / (32 * 1024)), 1000, 9900),
  };
}

/** Logical decoding from the start: moving away later needs it, and turning it on needs a restart. */
function postgresCommand(bytes: number): string[] {
  const settings = {
    shared_buffers: megabytes(bytes / 4),
    effective_cache_size: megabytes((bytes * 3) / 4),
    work_mem: megabytes(clamp(bytes / 128, 2 * MB, 64 * MB)),
    maintenance_work_mem: megabytes(clamp(bytes / 16, 16 * MB, 512 * MB)),
    max_connections: '200',
    wal_level: 'logical',
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  return ['postgres', ...flags];
}

/** Half of what is there less a gigabyte is its own rule; in a container it counts the machine's memory. */
function mongoCommand(bytes: number): string[] {
  const gigabytes = Math.max(0.25, Math.floor((bytes / 2 / (1024 * MB)) * 100) / 100);
  return ['mongod', '--bind_ip_all', '--wiredTigerCacheSizeGB', String(gigabytes)];
}

function megabytes(bytes: number): string {
  return `${Math.max(1, Math.floor(bytes / MB))}MB`;
}

function wholeMegabytes(bytes: number): number {
  return Math.floor(bytes / MB) * MB;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
