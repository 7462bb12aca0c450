import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** A machine smaller than this one, for an engine, its containers, and what is started beside them. */
export interface MachineSize {
  cores: number;
  memoryBytes: number;
}

const MEMORY = '/sys/fs/cgroup/memory';

/**
 * Limits the control group that the engine in `dir` and all its containers are in (cgroup v1), and answers
 * what to put before a command so that it is one of them, and sees a machine of that size.
 */
export async function makeSmallMachine(dir: string, size: MachineSize): Promise<string[]> {
  const group = groupOf(dir);
  await mkdir(join(group, 'beside'), { recursive: true });
  await writeFile(join(group, 'memory.limit_in_bytes'), String(size.memoryBytes));
  const kilobytes = Math.floor(size.memoryBytes / 1024);
  const seen = (await readFile('/proc/meminfo', 'utf8')).replace(
    /^(MemTotal|MemFree|MemAvailable):.*$/gm,
    `$1: ${kilobytes} kB`,
  );
  await writeFile(join(dir, 'meminfo'), seen);
  const enter = `echo $$ > ${join(group, 'beside', 'cgroup.procs')}`;
  const look = `mount --bind ${join(dir, 'meminfo')} /proc/meminfo`;
  const cores = ['taskset', '-c', size.cores > 1 ? `0-${size.cores - 1}` : '0'];
  const script = `${enter} && ${look} && exec "$@"`;
  return [...cores, 'unshare', '--mount', 'sh', '-c', script, 'sh'];
}

export interface MemoryUse {
  /** Without what the kernel gives back at once: file pages that nobody used lately. */
  bytes: number;
  /** Processes that the kernel ended for want of memory. */
  killed: number;
}

export async function memoryUse(dir: string): Promise<MemoryUse> {
  const read = (file: string) => readFile(join(groupOf(dir), file), 'utf8');
  const used = Number(await read('memory.usage_in_bytes'));
  const idle = Number(/^total_inactive_file (\d+)$/m.exec(await read('memory.stat'))?.[1] ?? 0);
  const killed = Number(/^oom_kill (\d+)$/m.exec(await read('memory.oom_control'))?.[1] ?? 0);
  return { bytes: used - idle, killed };
}

function groupOf(dir: string): string {
  return join(MEMORY, basename(dir));
}
