import { readFileSync } from 'node:fs';

/** Kills a migration's worker with the keeper that would start it again, as a machine's end does. */
export function killForGood(pid: number): void {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // After the name, which may hold anything: state, parent, group.
  const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  process.kill(-Number(group), 'SIGKILL');
}
