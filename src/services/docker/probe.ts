import type { Container } from '../../model/container.ts';
import type { Probe } from '../../ports/probe.ts';
import type { Engine } from './engine.ts';
import type { Facts } from './facts.ts';
import { type Rates, rates, type Sample } from './rates.ts';
import { Roster } from './roster.ts';
import { FileSampler, StatsSampler, turn } from './samplers.ts';

export interface ContainerProbeOptions {
  /** The project's name: its swarm services are shown without this prefix. */
  project?: string | null;
}

/** 15 ms of the kernel's time; with more containers than this they take turns. */
const FILES_PER_LOOK = 250;

interface Figures extends Rates {
  sample: Sample;
}

/** All containers of `engine`, sorted by nothing in particular. */
export function containerProbe(
  engine: Engine,
  { project = null }: ContainerProbeOptions = {},
): Probe<Container[]> {
  const probe = new ContainerProbe(engine, project);
  return {
    id: engine.id,
    everyMs: 1000,
    timeoutMs: 10_000,
    read: (signal) => probe.read(signal),
    preview: (signal) => probe.preview(signal),
    close: async () => probe.close(),
  };
}

class ContainerProbe {
  readonly #engine: Engine;
  readonly #roster: Roster;
  readonly #files: FileSampler | null;
  readonly #stats: StatsSampler;
  #figures = new Map<string, Figures>();
  #next = 0;

  constructor(engine: Engine, project: string | null) {
    this.#engine = engine;
    this.#roster = new Roster(engine.api, project);
    this.#files = engine.files && new FileSampler(engine.files);
    this.#stats = new StatsSampler(engine.api);
  }

  async read(signal: AbortSignal): Promise<Container[]> {
    const all = await this.#roster.look(signal);
    await this.#sample(all, signal);
    for (const id of this.#figures.keys()) if (!all.get(id)?.pid) this.#figures.delete(id);
    return [...all.values()].map((facts) => this.#container(facts));
  }

  /** One answer of the engine; a look at each container, and its figures, come with the reading. */
  async preview(signal: AbortSignal): Promise<Container[]> {
    const all = await this.#roster.overview(signal);
    return [...all.values()].map((facts) => this.#container(facts));
  }

  close(): void {
    this.#roster.close();
  }

  async #sample(all: ReadonlyMap<string, Facts>, signal: AbortSignal): Promise<void> {
    const running = [...all.values()].filter(({ pid }) => pid > 0);
    const byFiles = (await this.#files?.readable(running, signal)) ?? [];
    this.#files?.forget(all);
    const { batch, next } = turn(byFiles, this.#next, FILES_PER_LOOK);
    this.#next = next;
    const read = await this.#files?.sample(batch, signal);
    for (const { container } of batch) {
      if (!read?.has(container.id)) this.#roster.suspect(container.id);
    }
    const rest = new Set(byFiles);
    const asked = await this.#stats.sample(running.filter((facts) => !rest.has(facts)));
    for (const [id, sample] of [...(read ?? []), ...asked]) this.#take(id, sample);
  }

  #take(id: string, sample: Sample): void {
    const before = this.#figures.get(id)?.sample ?? null;
    this.#figures.set(id, { sample, ...rates(before, sample) });
  }

  #container({ container }: Facts): Container {
    const figures = this.#figures.get(container.id);
    return {
      ...container,
      engine: this.#engine.id,
      node: this.#engine.node,
      cpuPercent: figures?.cpuPercent ?? null,
      memoryBytes: figures?.sample.memoryBytes ?? null,
      receivedBytesPerSecond: figures?.receivedBytesPerSecond ?? null,
      sentBytesPerSecond: figures?.sentBytesPerSecond ?? null,
    };
  }
}
