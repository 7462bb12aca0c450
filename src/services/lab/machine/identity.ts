import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process beyond doubt: a pid alone may be reused, one with its time of birth is not. */
export interface ProcessIdentity {
  pid: number;
  born: string;
}

let boot: string | null = null;

/** Null when there is no such process (a zombie is none: it only waits to be collected). */
export function identify(pid: number): ProcessIdentity | null {
  try {
    const born = process.platform === 'linux' ? bornByProc(pid) : bornByPs(pid);
    return born === null ? null : { pid, born };
  } catch {
    return null;
  }
}

export function myself(): ProcessIdentity {
  const found = identify(process.pid);
  if (!found) throw new Error('This process cannot be identified.');
  return found;
}

export function isAlive({ pid, born }: ProcessIdentity): boolean {
  return identify(pid)?.born === born;
}

/** Fields after the command, which may itself hold spaces and brackets; the first is the state. */
export function statFields(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function bornByProc(pid: number): string | null {
  const [state, ...rest] = statFields(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return state === 'Z' || state === 'X' ? null : `${boot}/${rest[18]}`;
}

function bornByPs(pid: number): string | null {
  const args = ['-o', 'state=,lstart=', '-p', String(pid)];
  const text = execFileSync('ps', args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  const [, state, born] = /^\s*(\S+)\s+(.+?)\s*$/.exec(text) ?? [];
  return !born || state?.startsWith('Z') ? null : born;
}
