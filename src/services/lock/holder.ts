import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Holder } from './lock.ts';

const ours = new Set<string>();

/**
 * This process. Its number alone would not do: numbers are used again, after a restart all of them,
 * and every container counts its own; so the time it started, the boot and the pid namespace go along.
 */
export const thisProcess: Holder = {
  newToken() {
    const unique = randomBytes(6).toString('hex');
    const token = [place(), process.pid, startedAt(process.pid), unique].join(' ');
    ours.add(token);
    return token;
  },
  forget: (token) => ours.delete(token),
  isAlive(token) {
    const { where, pid, started } = partsOf(token);
    if (where !== place()) return null;
    if (pid === process.pid) return ours.has(token);
    return signalReaches(pid) && startedAt(pid) === started;
  },
  describe(token) {
    const { where, pid } = partsOf(token);
    return `Process ${pid} on ${where.split(',')[0]}`;
  },
};

function partsOf(token: string): { where: string; pid: number; started: string } {
  const [where = '', pid = '0', started = ''] = token.split(' ');
  return { where, pid: Number(pid), started };
}

let here: string | null = null;

function place(): string {
  here ??= [hostname().replace(/[\s,]/g, '-'), bootId(), pidNamespace()].join(',');
  return here;
}

function bootId(): string {
  return orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8));
}

function pidNamespace(): string {
  return orEmpty(() => readlinkSync('/proc/self/ns/pid').replace(/\D/g, ''));
}

/**
 * Field 22 of /proc/PID/stat, counted after the name, which may hold blanks; empty on a Mac, and for
 * a process that has ended but that its parent has not asked about.
 */
function startedAt(pid: number): string {
  return orEmpty(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  });
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
