import type { EngineApi } from './api.ts';
import { type CounterFiles, cgroupMounts, counterFiles, counters } from './cgroup.ts';
import { eachOf } from './concurrent.ts';
import type { Facts } from './facts.ts';
import type { Sample } from './rates.ts';
import type { ReadFiles } from './read-files.ts';
import { sampleOf } from './stats.ts';

/** Which start of the container it is. */
export function runOf({ container, pid }: Facts): string {
  return `${pid} ${container.startedAt}`;
}

interface Place {
  run: string;
  /** Null where this container cannot be read by files. */
  files: CounterFiles | null;
  /** They were read once, so that a failure means that the container has ended. */
  proven: boolean;
}

/** Reads the kernel's own counters: a few microseconds each, and nothing of the engine. */
export class FileSampler {
  readonly #read: ReadFiles;
  #mounts: ReturnType<typeof cgroupMounts> | null = null;
  #places = new Map<string, Place>();

  constructor(read: ReadFiles) {
    this.#read = read;
  }

  /** Which of `running` it can read. Looks once for every start of a container. */
  async readable(running: readonly Facts[], signal: AbortSignal): Promise<Facts[]> {
    const fresh = running.filter(
      (facts) => this.#places.get(facts.container.id)?.run !== runOf(facts),
    );
    if (fresh.length > 0) await this.#find(fresh, signal);
    return running.filter(({ container }) => this.#places.get(container.id)?.files);
  }

  async sample(batch: readonly Facts[], signal: AbortSignal): Promise<Map<string, Sample>> {
    const samples = new Map<string, Sample>();
    if (batch.length === 0) return samples;
    const places = batch.map(({ container }) => this.#places.get(container.id));
    const paths = places.flatMap((place) => filesOf(place?.files));
    const { atMs, texts } = await this.#read(paths, signal);
    for (const [at, facts] of batch.entries()) {
      const place = places[at];
      const [cpu = null, memory = null, stat = null, net = null] = texts.slice(4 * at, 4 * at + 4);
      const counted = counters(cpu, memory, stat, facts.hostNetwork ? null : net);
      if (counted) samples.set(facts.container.id, { run: runOf(facts), atMs, ...counted });
      if (counted && place) place.proven = true;
      else if (place && !place.proven) place.files = null;
    }
    return samples;
  }

  forget(known: ReadonlyMap<string, unknown>): void {
    for (const id of this.#places.keys()) if (!known.has(id)) this.#places.delete(id);
  }

  async #find(fresh: readonly Facts[], signal: AbortSignal): Promise<void> {
    const paths = fresh.map(({ pid }) => `/proc/${pid}/cgroup`);
    const { texts } = await this.#read(['/proc/self/mountinfo', ...paths], signal);
    this.#mounts ??= cgroupMounts(texts[0] ?? '');
    for (const [at, facts] of fresh.entries()) {
      const { id } = facts.container;
      const files = counterFiles(this.#mounts, texts[at + 1] ?? '', id, facts.pid);
      this.#places.set(id, { run: runOf(facts), files, proven: false });
    }
  }
}

function filesOf(files: CounterFiles | null | undefined): string[] {
  return files ? [files.cpu, files.memory, files.memoryStat, files.network] : [];
}

const AT_ONCE = 16;
const PER_ROUND = 64;
const PATIENCE_MS = 1500;
const LIMIT_MS = 10_000;

/**
 * Asks the engine container by container. Older engines take a second for each: the rounds go on
 * beside the looks, and a look takes what has come in.
 */
export class StatsSampler {
  readonly #api: EngineApi;
  #arrived = new Map<string, Sample>();
  #round: Promise<void> | null = null;
  #next = 0;

  constructor(api: EngineApi) {
    this.#api = api;
  }

  async sample(running: readonly Facts[]): Promise<Map<string, Sample>> {
    if (running.length > 0) {
      this.#round ??= this.#ask(running).finally(() => {
        this.#round = null;
      });
      await Promise.race([this.#round, sleep(PATIENCE_MS)]);
    }
    const arrived = this.#arrived;
    this.#arrived = new Map();
    return arrived;
  }

  #ask(running: readonly Facts[]): Promise<void> {
    const { batch, next } = turn(running, this.#next, PER_ROUND);
    this.#next = next;
    return eachOf(batch, AT_ONCE, async (facts) => {
      // One container without figures is no reason to show none: an engine that is down is found
      // out by the list.
      const { id } = facts.container;
      const run = runOf(facts);
      const asked = this.#api
        .stats(id, AbortSignal.timeout(LIMIT_MS))
        .then((answer) => sampleOf(answer, run));
      const sample = await asked.catch(() => null);
      if (sample) this.#arrived.set(id, sample);
    });
  }
}

/** The next `size` of `all`, going round, so that every one gets its turn. */
export function turn<T>(
  all: readonly T[],
  from: number,
  size: number,
): { batch: T[]; next: number } {
  if (all.length <= size) return { batch: [...all], next: 0 };
  const start = from % all.length;
  const batch = [...all, ...all].slice(start, start + size);
  return { batch, next: (start + size) % all.length };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
