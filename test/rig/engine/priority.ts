import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Puts the control groups of a process, up to the top, before everything else that waits for the
 * processor: a burner must burn on a busy machine, too.
 */
export function prefer(pid: number): void {
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
  for (const line of groups) {
    const [, controllers = '', path = '/'] = line.split(':');
    for (let group = path; group !== '/'; group = dirname(group)) {
      if (controllers.split(',').includes('cpu')) {
        write(join('/sys/fs/cgroup', controllers, group, 'cpu.shares'), '262144');
      } else if (controllers === '') {
        write(join('/sys/fs/cgroup', group, 'cpu.weight'), '10000');
      }
    }
  }
}

/** Version 2 may not hold the processor here, or not be mounted there. */
function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'r+' });
  } catch {}
}
