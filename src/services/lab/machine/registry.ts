import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import writeFileAtomic from 'write-file-atomic';
import { cacheDir } from './cache-dir.ts';
import { identify, isAlive, myself, type ProcessIdentity } from './identity.ts';

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
  readonly file: string;
  readonly #entry: Entry;

  constructor(runtime: string, labFile: string) {
    const host = myself();
    this.file = join(labsDir(), `${basename(runtime)}.json`);
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

  /** Ends what was not ended before it, and removes all that does not outlive the lab. */
  async close(): Promise<void> {
    await endAll(this.#entry);
    rmSync(this.file, { force: true });
  }

  #write(): void {
    writeFileAtomic.sync(this.file, JSON.stringify(this.#entry), { mode: 0o600, fsync: false });
  }
}

/** Ends what is left of labs whose host is gone; answers how many there were. */
export async function sweepLabs(): Promise<number> {
  const dir = labsDir();
  const names = readdirSync(dir).filter((name) => name.endsWith('.json'));
  const swept = await Promise.all(names.map((name) => sweepLab(join(dir, name))));
  return swept.filter(Boolean).length;
}

/** True when there was something to end: the host of the lab written down in `file` is gone. */
export async function sweepLab(file: string): Promise<boolean> {
  const entry = readJson<Entry>(file);
  if (!entry || isAlive(entry.host)) return false;
  await endAll(entry);
  rmSync(file, { force: true });
  return true;
}

async function endAll({ host, started, labFile, runtime }: Entry): Promise<void> {
  // Whoever sweeps may itself be one of those that were started.
  await Promise.all(started.filter(({ pid }) => pid !== process.pid).map(end));
  // A kept project may have another lab by now.
  if (readJson<ProcessIdentity>(labFile)?.pid === host.pid) await rm(labFile, { force: true });
  // Only ever a directory that was named by us.
  if (basename(runtime).startsWith(RUNTIME_PREFIX)) {
    await rm(runtime, { recursive: true, force: true, maxRetries: 5 });
  }
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

function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
