import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { namespaceOf } from './namespace.ts';

export const PREFIX = 'portsync-engine-';
const CGROUPS = '/sys/fs/cgroup';

/** Engines whose test run was killed before it could end them. */
export async function removeAbandoned(): Promise<void> {
  const entries = await readdir(tmpdir());
  for (const entry of entries.filter((each) => each.startsWith(PREFIX))) {
    const dir = join(tmpdir(), entry);
    if (!ownerLives(readText(join(dir, 'owner')))) await removeEngine(dir);
  }
}

/** `PID START` as startEngine wrote it; nothing yet means that it is being written. */
function ownerLives(owner: string): boolean {
  const [pid, start] = owner.split(' ');
  const stat = readText(`/proc/${pid}/stat`);
  return owner === '' || stat.slice(stat.lastIndexOf(')')).split(' ')[20] === start;
}

/**
 * Ends dockerd and its containerd at once and waits until they are gone. A pid file left behind makes
 * the next dockerd wait for a containerd that will not answer.
 */
export async function stopEngine(dir: string): Promise<void> {
  for (const file of [join(dir, 'pid'), join(dir, 'exec', 'containerd', 'containerd.pid')]) {
    const pid = readText(file);
    const lives = () => pid !== '' && readText(`/proc/${pid}/cmdline`).includes(dir);
    if (lives()) process.kill(Number(pid), 'SIGKILL');
    while (lives()) await pause(20);
    await rm(file, { force: true });
  }
}

/** All processes and mounts of the engine and its containers, as when a machine loses its power. */
export async function cutPower(dir: string): Promise<void> {
  await stopEngine(dir);
  for (let tries = 0; tries < 50; tries += 1) {
    const left = [...processesNaming(dir), ...(await containerProcesses(dir))];
    if (left.length === 0) break;
    for (const pid of left) spawnSync('kill', ['-9', String(pid)]);
    await pause(50);
  }
  for (const mount of mountsBelow(dir)) spawnSync('umount', ['-l', mount]);
}

/** Everything of the engine in `dir`: processes, mounts, network, control groups, files. */
export async function removeEngine(dir: string): Promise<void> {
  await cutPower(dir);
  const bridge = readText(join(dir, 'bridge'));
  if (bridge) spawnSync('ip', ['link', 'del', bridge]);
  const namespace = await namespaceOf(dir);
  if (namespace) spawnSync('ip', ['netns', 'del', namespace]);
  for (const group of await groupsOf(dir)) await rmdir(group).catch(() => {});
  await rm(dir, { recursive: true, force: true });
}

/** containerd and its shims, which go on without dockerd; not this process and its like. */
function processesNaming(dir: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const engines = pids.filter((pid) => {
    const command = readText(`/proc/${pid}/cmdline`).split('\0');
    return (
      /(dockerd|docker-proxy|containerd|containerd-shim\S*|runc)$/.test(command[0] ?? '') &&
      command.some((argument) => argument.includes(`${dir}/`))
    );
  });
  return engines.map(Number);
}

async function containerProcesses(dir: string): Promise<number[]> {
  const lists = (await groupsOf(dir)).map((group) => readText(join(group, 'cgroup.procs')));
  return [...new Set(lists.flatMap((list) => list.split('\n').filter(Boolean)))].map(Number);
}

/** Deepest first. */
async function groupsOf(dir: string): Promise<string[]> {
  const parents = [CGROUPS, ...(await readdir(CGROUPS)).map((name) => join(CGROUPS, name))];
  const find = (parent: string) =>
    spawnSync('find', [join(parent, basename(dir)), '-depth', '-type', 'd'], { encoding: 'utf8' });
  return parents.flatMap((parent) => find(parent).stdout.split('\n').filter(Boolean));
}

function mountsBelow(dir: string): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const points = mounts.map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point.startsWith(`${dir}/`)).reverse();
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
