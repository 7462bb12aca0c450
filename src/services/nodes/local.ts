import { readFile } from 'node:fs/promises';
import { cpus, freemem, loadavg, platform, totalmem, uptime } from 'node:os';
import type { Used } from '../../model/node.ts';
import type { Executor } from '../../ports/executor.ts';
import { diskOf } from './disk.ts';
import type { Look } from './look.ts';
import { missing, parseProc } from './proc.ts';

const LIMIT_MS = 2_000;

/** One look at this machine, without starting a program on Linux. */
export async function lookLocal(
  executor: Executor,
  dataDir: string,
  signal: AbortSignal,
): Promise<Look> {
  signal.throwIfAborted();
  const disk = await diskOf(dataDir);
  if (platform() !== 'linux') return lookThroughNode(executor, disk, signal);
  const [stat, load, meminfo, since, ...pressure] = await Promise.all([
    proc('stat'),
    proc('loadavg'),
    proc('meminfo'),
    proc('uptime'),
    proc('pressure/cpu'),
    proc('pressure/memory'),
    proc('pressure/io'),
  ]);
  const [cpu, memory, io] = pressure;
  const texts = {
    stat,
    loadavg: load,
    meminfo,
    uptime: since,
    pressure: { cpu: cpu ?? '', memory: memory ?? '', io: io ?? '' },
  };
  return parseProc(texts, disk, 'this machine');
}

/** Empty where this kernel has no such file, or does not let it be read. */
function proc(file: string): Promise<string> {
  return readFile(`/proc/${file}`, 'utf8').catch(() => '');
}

/** macOS: what Node knows of the machine, and its swap. No stolen time, no pressure. */
async function lookThroughNode(
  executor: Executor,
  disk: Look['disk'],
  signal: AbortSignal,
): Promise<Look> {
  const cores = cpus();
  const times = cores.map(({ times }) => times);
  const sum = (pick: (each: (typeof times)[number]) => number) =>
    times.reduce((total, each) => total + pick(each), 0);
  const idle = sum((each) => each.idle);
  const busy = sum((each) => each.user + each.nice + each.sys + each.irq);
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  const swap = await executor.run(['sysctl', '-n', 'vm.swapusage'], {
    signal,
    timeoutMs: LIMIT_MS,
  });
  return {
    cores: cores.length,
    cpu: { total: idle + busy, idle, steal: 0 },
    load: [one, five, fifteen],
    memory: { usedBytes: totalmem() - freemem(), totalBytes: totalmem() },
    swap: parseSwapUsage(swap.stdout),
    disk,
    pressure: null,
    uptimeSeconds: uptime(),
  };
}

/** `total = 2048.00M  used = 1024.25M  free = 1023.75M  (encrypted)` */
export function parseSwapUsage(text: string): Used {
  const bytes = (key: string) => {
    const megabytes = new RegExp(`${key} = (\\d+(?:\\.\\d+)?)M`).exec(text)?.[1];
    if (megabytes === undefined) throw missing('vm.swapusage', 'this machine');
    return Number(megabytes) * 1024 * 1024;
  };
  return { usedBytes: bytes('used'), totalBytes: bytes('total') };
}
