import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Need } from './needs.ts';

/** Whether a directory can be made a disk of its own here, which a test can fill. */
export function smallDisk(): Need {
  const name = 'a small disk';
  if (process.getuid?.() !== 0) return { name, missing: 'mounting one takes root' };
  const probe = mkdtempSync(join(tmpdir(), 'portsync-mount-'));
  try {
    mount(probe, '64k');
    unmount(probe);
    return { name, missing: null };
  } catch {
    return { name, missing: 'this machine does not let root mount a tmpfs' };
  } finally {
    rmSync(probe, { recursive: true, force: true });
  }
}

/** @param size like `256k` */
export function mount(dir: string, size: string): void {
  const args = ['-t', 'tmpfs', '-o', `size=${size}`, 'portsync-test', dir];
  execFileSync('mount', args, { stdio: 'ignore' });
}

export function resize(dir: string, size: string): void {
  execFileSync('mount', ['-o', `remount,size=${size}`, dir]);
}

export function unmount(dir: string): void {
  execFileSync('umount', ['-l', dir]);
}
