import { execFileSync } from 'node:child_process';

/** Whether a process runs whose command line contains `mark`. */
export function runs(mark: string): boolean {
  const lines = execFileSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' }).split('\n');
  return lines.some((line) => line.includes(mark) && !line.startsWith('ps '));
}
