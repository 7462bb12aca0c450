import type { NodeFigures, Pressure, Used } from '../../model/node.ts';

/** Counters since the start of the machine, in whatever unit; only their differences are used. */
export interface CpuTimes {
  total: number;
  /** Idle, and waiting for a disk. */
  idle: number;
  /** Time in which the host ran other machines although this one had work to do. */
  steal: number;
}

/** One machine at one moment. */
export interface Look {
  cores: number;
  cpu: CpuTimes;
  load: [number, number, number];
  memory: Used;
  swap: Used;
  disk: Used & { mount: string };
  pressure: Pressure | null;
  uptimeSeconds: number;
}

/** The figures of `now`, with rates since `before`; no rates across a restart of the machine. */
export function figures(
  name: string,
  address: string,
  now: Look,
  before: Look | null,
): NodeFigures {
  const { cpu, ...rest } = now;
  const restarted = before !== null && now.uptimeSeconds < before.uptimeSeconds;
  const shares = before === null || restarted ? null : cpuShares(before.cpu, cpu);
  return {
    name,
    address,
    ...rest,
    cpuPercent: shares?.busy ?? null,
    stealPercent: shares?.steal ?? null,
  };
}

/**
 * Stolen time counts as busy: the machine had work for it, and a second machine of the same size
 * would be as badly off. Null when no time has passed.
 */
export function cpuShares(before: CpuTimes, now: CpuTimes): { busy: number; steal: number } | null {
  const total = now.total - before.total;
  if (total <= 0) return null;
  // The kernel may correct idle and iowait downwards.
  const share = (part: number) => Math.min(100, Math.max(0, (100 * part) / total));
  return {
    busy: share(total - (now.idle - before.idle)),
    steal: share(now.steal - before.steal),
  };
}
