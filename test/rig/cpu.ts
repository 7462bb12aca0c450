import { readdirSync, readFileSync } from 'node:fs';
import type { Need } from './needs.ts';

export const proc: Need = {
  name: '/proc',
  missing: process.platform === 'linux' ? null : 'only Linux tells the CPU time of every thread',
};

const TICK_MS = 10;

/** CPU time in ms of a process; with `thread`, of one of its threads alone. */
export function cpuOf(pid: number, thread?: number): number {
  const path = thread === undefined ? `/proc/${pid}/stat` : `/proc/${pid}/task/${thread}/stat`;
  const [user = 0, system = 0] = fields(path).slice(11, 13).map(Number);
  return (user + system) * TICK_MS;
}

/** The same of a process and those that it started itself and that still run. */
export function cpuOfFamily(pid: number): number {
  const children = readdirSync('/proc').filter((name) => parentOf(name) === pid);
  return [pid, ...children.map(Number)].reduce((sum, each) => sum + cpuOf(each), 0);
}

/** The same with every process that it ever started, those that have ended included. */
export function cpuOfAll(pid: number): number {
  const [user = 0, system = 0] = fields(`/proc/${pid}/stat`).slice(13, 15).map(Number);
  return cpuOfFamily(pid) + (user + system) * TICK_MS;
}

/** The thread of `pid` that calls itself `name`. */
export function threadNamed(pid: number, name: string): number | null {
  const threads = readdirSync(`/proc/${pid}/task`);
  const named = (id: string) => read(`/proc/${pid}/task/${id}/comm`).trim() === name;
  const found = threads.find(named);
  return found === undefined ? null : Number(found);
}

function parentOf(name: string): number | null {
  return /^\d+$/.test(name) ? Number(fields(`/proc/${name}/stat`)[1]) : null;
}

/** From the state on: the name before it may hold spaces and brackets. */
function fields(path: string): string[] {
  return read(path)
    .replace(/^.*\) /s, '')
    .trim()
    .split(' ');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended in the meantime.
    return '';
  }
}
