import { ExternalError } from '../../errors.ts';
import type { Pressure, Used } from '../../model/node.ts';
import type { CpuTimes, Look } from './look.ts';

/** Files of /proc as they are; pressure is null on kernels without PSI. */
export interface ProcTexts {
  stat: string;
  loadavg: string;
  meminfo: string;
  uptime: string;
  pressure: { cpu: string; memory: string; io: string } | null;
}

/**
 * `where` names the machine in errors.
 * @throws ExternalError when something that every Linux has is missing or is not a number.
 */
export function parseProc(texts: ProcTexts, disk: Look['disk'], where: string): Look {
  const memory = parseMemory(texts.meminfo, where);
  return {
    ...parseCpu(texts.stat, where),
    ...memory,
    load: parseLoad(texts.loadavg, where),
    disk,
    pressure: texts.pressure && parsePressure(texts.pressure),
    uptimeSeconds: number(texts.uptime.trim().split(' ')[0], '/proc/uptime', where),
  };
}

function parseCpu(stat: string, where: string): { cores: number; cpu: CpuTimes } {
  const line = /^cpu +(\d[\d ]*)$/m.exec(stat)?.[1];
  // The times of guests are contained in user and nice.
  const times = (line ?? '').trim().split(/ +/).slice(0, 8).map(Number);
  const [, , , idle, iowait = 0, , , steal = 0] = times;
  const cores = stat.match(/^cpu\d+ /gm)?.length ?? 0;
  const total = times.reduce((sum, time) => sum + time, 0);
  if (idle === undefined || cores === 0 || !Number.isFinite(total))
    throw missing('/proc/stat', where);
  return { cores, cpu: { total, idle: idle + iowait, steal } };
}

function parseLoad(text: string, where: string): [number, number, number] {
  const [one, five, fifteen] = text.trim().split(' ');
  const load = (value: string | undefined) => number(value, '/proc/loadavg', where);
  return [load(one), load(five), load(fifteen)];
}

function parseMemory(meminfo: string, where: string): { memory: Used; swap: Used } {
  const bytes = new Map<string, number>();
  for (const [, key, kib] of meminfo.matchAll(/^(\w+): +(\d{1,15}) kB$/gm)) {
    if (key) bytes.set(key, Number(kib) * 1024);
  }
  const of = (key: string) => bytes.get(key) ?? 0;
  const total = of('MemTotal');
  if (total === 0) throw missing('/proc/meminfo', where);
  // Kernels before 3.14 do not estimate what a new program could get.
  const reclaimable =
    of('MemFree') + of('Buffers') + of('Cached') + of('SReclaimable') - of('Shmem');
  const available = bytes.get('MemAvailable') ?? reclaimable;
  return {
    memory: used(total, available),
    swap: used(of('SwapTotal'), of('SwapFree')),
  };
}

function used(totalBytes: number, freeBytes: number): Used {
  return { usedBytes: Math.min(totalBytes, Math.max(0, totalBytes - freeBytes)), totalBytes };
}

function parsePressure(texts: NonNullable<ProcTexts['pressure']>): Pressure | null {
  const [cpu, memory, io] = [texts.cpu, texts.memory, texts.io].map((text) => {
    const share = Number(/^some avg10=(\d+(?:\.\d+)?) /m.exec(text)?.[1]);
    return Number.isFinite(share) ? Math.min(100, share) : null;
  });
  if (cpu == null || memory == null || io == null) return null;
  return { cpu, memory, io };
}

function number(text: string | undefined, file: string, where: string): number {
  const value = text ? Number(text) : Number.NaN;
  if (Number.isFinite(value) && value >= 0) return value;
  throw missing(file, where);
}

export function missing(what: string, where: string): ExternalError {
  return unreadable(where, `${what} is missing, or is not what a Linux kernel writes.`);
}

export function unreadable(where: string, why: string, cause?: unknown): ExternalError {
  return new ExternalError({
    code: 'node-unreadable',
    message: `The figures of ${where} cannot be read.`,
    why,
    next: 'Node figures need a Linux machine with /proc and a POSIX shell.',
    cause,
  });
}
