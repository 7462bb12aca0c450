/** Finding and reading what the kernel counts for a container. Pure: texts in, numbers out. */

/** The files that hold a container's counters. */
export interface CounterFiles {
  cpu: string;
  memory: string;
  memoryStat: string;
  network: string;
}

export interface Counters {
  cpuNs: number;
  memoryBytes: number | null;
  receivedBytes: number | null;
  sentBytes: number | null;
}

interface Mount {
  root: string;
  at: string;
  /** `cgroup2`, or the version 1 controllers mounted here. */
  holds: string[];
}

/** The cgroup mounts in a /proc/self/mountinfo. */
export function cgroupMounts(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [fields = '', tail = ''] = line.split(' - ');
    const [, , , root, at] = fields.split(' ');
    const [type, , options = ''] = tail.split(' ');
    if (!root || !at) return [];
    if (type === 'cgroup2') return [{ root, at, holds: ['cgroup2'] }];
    return type === 'cgroup' ? [{ root, at, holds: options.split(',') }] : [];
  });
}

/**
 * Where the counters of the container `id` are, from the /proc/PID/cgroup of its first process.
 * Null when the process is not of this container: the engine runs on another machine or in another
 * PID namespace.
 */
export function counterFiles(
  mounts: readonly Mount[],
  procCgroup: string,
  id: string,
  pid: number,
): CounterFiles | null {
  const paths = memberships(procCgroup, id);
  const dir = (controller: string) => directory(mounts, controller, paths.get(controller));
  const unified = dir('cgroup2');
  const [cpu, memory] = [dir('cpuacct') ?? unified, dir('memory') ?? unified];
  if (cpu === null || memory === null) return null;
  return {
    cpu: cpu === unified ? `${cpu}/cpu.stat` : `${cpu}/cpuacct.usage`,
    memory: memory === unified ? `${memory}/memory.current` : `${memory}/memory.usage_in_bytes`,
    memoryStat: `${memory}/memory.stat`,
    network: `/proc/${pid}/net/dev`,
  };
}

function memberships(procCgroup: string, id: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of procCgroup.split('\n')) {
    const [, controllers, ...rest] = line.split(':');
    const path = containerPart(rest.join(':'), id);
    if (controllers === undefined || path === null) continue;
    for (const controller of controllers === '' ? ['cgroup2'] : controllers.split(',')) {
      found.set(controller, path);
    }
  }
  return found;
}

/** An init system inside moves itself into a group below the container's: that is cut off. */
function containerPart(path: string, id: string): string | null {
  const start = path.lastIndexOf(id);
  if (start < 0) return null;
  const end = path.indexOf('/', start);
  return end < 0 ? path : path.slice(0, end);
}

function directory(
  mounts: readonly Mount[],
  controller: string,
  path: string | undefined,
): string | null {
  if (path === undefined) return null;
  for (const { root, at, holds } of mounts) {
    if (!holds.includes(controller)) continue;
    if (root === '/') return at + path;
    if (path.startsWith(`${root}/`)) return at + path.slice(root.length);
  }
  return null;
}

/** Null when the container is gone. Other texts are null where the kernel does not count. */
export function counters(
  cpu: string | null,
  memory: string | null,
  memoryStat: string | null,
  network: string | null,
): Counters | null {
  const cpuNs = cpu === null ? null : cpuNanoseconds(cpu);
  if (cpuNs === null) return null;
  return { cpuNs, memoryBytes: workingSet(memory, memoryStat), ...traffic(network) };
}

function cpuNanoseconds(text: string): number | null {
  const micro = field(text, 'usage_usec');
  if (micro !== null) return micro * 1000;
  return /^\d+\s*$/.test(text) ? Number(text) : null;
}

/** As `docker stats` counts it: what is used, without file pages not touched lately. */
function workingSet(usage: string | null, stat: string | null): number | null {
  if (usage === null || !/^\d+\s*$/.test(usage)) return null;
  const inactive = field(stat ?? '', 'total_inactive_file') ?? field(stat ?? '', 'inactive_file');
  return Math.max(0, Number(usage) - (inactive ?? 0));
}

function field(text: string, name: string): number | null {
  const start = `\n${text}`.indexOf(`\n${name} `);
  return start < 0 ? null : Number.parseInt(text.slice(start + name.length + 1), 10);
}

/** Interfaces of a /proc/PID/net/dev that only pass on what another one counts already. */
const INNER = /^(lo|docker|br-|veth|vxlan|ov-)/;

function traffic(netDev: string | null): Pick<Counters, 'receivedBytes' | 'sentBytes'> {
  if (netDev === null) return { receivedBytes: null, sentBytes: null };
  let [receivedBytes, sentBytes] = [0, 0];
  for (const line of netDev.split('\n')) {
    const [name, figures] = line.split(':');
    if (name === undefined || figures === undefined || INNER.test(name.trim())) continue;
    const columns = figures.trim().split(/\s+/);
    receivedBytes += Number(columns[0]);
    sentBytes += Number(columns[8]);
  }
  return { receivedBytes, sentBytes };
}
