import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import writeFileAtomic from 'write-file-atomic';
import { cacheDir } from './cache-dir.ts';
import { identify, isAlive, type ProcessIdentity } from './identity.ts';

export const RUNTIME_PREFIX = 'portsync-lab-';
const STOP_LIMIT_MS = 5_000;
const POLL_MS = 50;

interface Started extends ProcessIdentity {
  /** What asks it to go when nobody else does any more. */
  signal: NodeJS.Signals;
}

interface Entry {
  host: ProcessIdentity;
  /** Everything that does not outlive the lab. */
  runtime: string;
  /** The project's .portsync/lab.json. */
  labFile: string;
  started: Started[];
}

/**
 * One running lab, written down where the next lab finds it, so that what is left after a kill -9
 * is found and ended. Written synchronously: nothing may be started that is not written down.
 */
export class Registration {
  readonly id: string;
  readonly #file: string;
  readonly #entry: Entry;

  constructor(id: string, runtime: string, labFile: string) {
    const host = identify(process.pid);
    if (!host) throw new Error('This process cannot be identified.');
    this.id = id;
    this.#file = fileOf(id);
    this.#entry = { host, runtime, labFile, started: [] };
    this.#write();
  }

  add(pid: number, signal: NodeJS.Signals): void {
    const identity = identify(pid);
    if (!identity) return;
    this.#entry.started.push({ ...identity, signal });
    this.#write();
  }

  remove(pid: number): void {
    this.#entry.started = this.#entry.started.filter((each) => each.pid !== pid);
    this.#write();
  }

  close(): void {
    rmSync(this.#file, { force: true });
  }

  #write(): void {
    writeFileAtomic.sync(this.#file, JSON.stringify(this.#entry), { mode: 0o600, fsync: false });
  }
}

/** Ends what is left of labs whose host is gone; answers how many there were. */
export async function sweepLabs(): Promise<number> {
  const ids = readdirSync(labsDir()).flatMap((name) =>
    name.endsWith('.json') ? [basename(name, '.json')] : [],
  );
  const swept = await Promise.all(ids.map(sweepLab));
  return swept.filter(Boolean).length;
}

/** True when there was something to end: the entry's host is gone. */
export async function sweepLab(id: string): Promise<boolean> {
  const entry = readEntry(fileOf(id));
  if (!entry || isAlive(entry.host)) return false;
  await Promise.all(entry.started.map(end));
  await rm(entry.labFile, { force: true });
  // Only ever a directory that was named by us.
  if (basename(entry.runtime).startsWith(RUNTIME_PREFIX)) {
    await rm(entry.runtime, { recursive: true, force: true, maxRetries: 5 });
  }
  rmSync(fileOf(id), { force: true });
  return true;
}

async function end(started: Started): Promise<void> {
  signal(started, started.signal);
  const deadline = performance.now() + STOP_LIMIT_MS;
  while (isAlive(started) && performance.now() < deadline) await sleep(POLL_MS);
  signal(started, 'SIGKILL');
}

function signal(started: Started, name: NodeJS.Signals): void {
  try {
    if (isAlive(started)) process.kill(started.pid, name);
  } catch {
    // It went in this very moment.
  }
}

function labsDir(): string {
  const dir = join(cacheDir(), 'labs');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return dir;
}

function fileOf(id: string): string {
  return join(labsDir(), `${id}.json`);
}

function readEntry(file: string): Entry | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
