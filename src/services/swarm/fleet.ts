import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExternalError } from '../../errors.ts';
import { type Colour, type Container, type LogLine, otherColour } from '../../model/container.ts';
import type { ColourSpec, Fleet } from '../../ports/fleet.ts';
import type { ReplicaName } from '../edge/figures.ts';
import { stopped } from '../executor/stopped.ts';
import type { Service, Task } from './answers.ts';
import type { SwarmApi } from './api.ts';
import type { Compose } from './compose.ts';
import { deployStack } from './deploy.ts';
import {
  noSuchReplica,
  notHealthy,
  nothingKept,
  nothingRuns,
  notStarted,
  serves,
} from './errors.ts';
import { unpublishedId } from './images.ts';
import { lastWords } from './last-words.ts';
import { Release, type ReleaseCommand } from './release.ts';
import { releaseStack } from './release-stack.ts';
import { replicasOf, scaleToZero } from './scale-down.ts';
import { LABELS, type WebColour, webStack } from './stack.ts';
import {
  addressesOf,
  colourOf,
  containerOf,
  hasEnded,
  imageOf,
  judge,
  keptContainers,
  replicaName,
} from './tasks.ts';

const LOOK_EVERY_MS = 200;
const TAIL = 200;
const CALL_LIMIT_MS = 10_000;

export interface SwarmFleetOptions {
  api: SwarmApi;
  /** As containers name the engine they were read from. */
  engine: string;
  /** The name of the stack. */
  app: string;
  dir: string;
  /** Read anew for every start: it may have been edited. */
  readCompose: () => Promise<Compose>;
  /** The service of the compose file that becomes the colours. */
  web: string;
  /** Of each replica, where the compose file has no limit. */
  memoryBytes: (signal: AbortSignal) => Promise<number | null>;
  /** The colour that must not be touched. */
  serving: (signal: AbortSignal) => Promise<Colour | null>;
  /** Null where the app has no release command. */
  release: ReleaseCommand | null;
}

/** The `Fleet` port over a swarm: each colour is a service of its own, `web-blue` and `web-green`. */
export class SwarmFleet implements Fleet {
  readonly release?: (spec: ColourSpec, signal: AbortSignal) => Promise<void>;
  readonly #options: SwarmFleetOptions;
  readonly #release: Release;

  constructor(options: SwarmFleetOptions) {
    const { api, app, release } = options;
    this.#options = options;
    this.#release = new Release(api, app);
    if (release) this.release = (spec, signal) => this.#runRelease(release, spec, signal);
  }

  /** Those that are to run, and those that were stopped and are kept. */
  async replicas(signal: AbortSignal): Promise<Container[]> {
    const { api, engine } = this.#options;
    const services = await this.#services(signal);
    if (services.length === 0) return [];
    const ids = services.map(({ ID }) => ID);
    const [tasks, nodes] = await Promise.all([api.tasks(ids, signal), this.#nodeNames(signal)]);
    return services.flatMap((service) => {
      if (replicasOf(service) === 0) return keptContainers(service, engine);
      const own = tasks.filter(({ ServiceID }) => ServiceID === service.ID);
      const wanted = own.filter(({ DesiredState }) => DesiredState === 'running');
      return wanted.map((task) =>
        containerOf(task, own, engine, nodes.get(task.NodeID ?? '') ?? 'main'),
      );
    });
  }

  /** Whether the app was ever started here. */
  async exists(signal: AbortSignal): Promise<boolean> {
    return (await this.#services(signal)).length > 0;
  }

  /** The colour that serves and runs; null where none does. */
  async servingColour(signal: AbortSignal): Promise<Colour | null> {
    const colour = await this.#options.serving(signal);
    return colour !== null && (await this.#runs(colour, signal)) ? colour : null;
  }

  async start(colour: Colour, spec: ColourSpec, signal: AbortSignal): Promise<void> {
    const { app, dir, web, readCompose } = this.#options;
    if ((await this.servingColour(signal)) === colour) throw serves(colour);
    const stack = webStack(await readCompose(), web, await this.#colour(colour, spec, signal));
    await deployStack(stack, { app, dir, env: spec.env }, signal);
  }

  async healthy(colour: Colour, signal: AbortSignal): Promise<void> {
    for (;;) {
      const service = await this.#service(colour, AbortSignal.timeout(CALL_LIMIT_MS));
      if (!service || replicasOf(service) === 0) throw notStarted(colour);
      const start = service.Spec.TaskTemplate.ContainerSpec.Labels?.[LABELS.start] ?? '';
      const tasks = await this.#options.api.tasks([service.ID], AbortSignal.timeout(CALL_LIMIT_MS));
      const verdict = judge(tasks, start, replicasOf(service));
      if (verdict.kind === 'healthy') return;
      if (verdict.kind === 'failed') throw await this.#failure(colour, verdict.task);
      if (signal.aborted) {
        if (!isTimeout(signal)) throw stopped(signal, `Waiting for ${colour}`);
        throw await this.#failure(colour, verdict.slowest);
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  async stop(colour: Colour, signal: AbortSignal): Promise<void> {
    if ((await this.#options.serving(signal)) === colour) throw serves(colour);
    await this.#release.end(signal);
    const service = await this.#service(colour, signal);
    if (!service) return;
    await scaleToZero(this.#options.api, service, `Stopping ${colour}`, signal);
  }

  async resume(colour: Colour, signal: AbortSignal): Promise<void> {
    const service = await this.#service(colour, signal);
    if (!service) throw nothingKept(colour);
    const { Spec } = service;
    const replicas = Number(Spec.Labels?.[LABELS.replicas] ?? 1);
    const { TaskTemplate } = Spec;
    const { ContainerSpec } = TaskTemplate;
    const labels = { ...ContainerSpec.Labels, [LABELS.start]: randomUUID() };
    const spec = {
      ...Spec,
      Mode: { Replicated: { Replicas: replicas } },
      TaskTemplate: { ...TaskTemplate, ContainerSpec: { ...ContainerSpec, Labels: labels } },
    };
    await this.#options.api.update(service, spec, signal);
  }

  /** Of a replica by its name or its container's id; where both colours have the name, of the newest. */
  async *logs(replica: string, signal: AbortSignal): AsyncGenerator<LogLine> {
    const tasks = (await this.#tasks(signal)).filter(
      (task) => replicaName(task) === replica || containerId(task) === replica,
    );
    const [newest] = tasks.sort((one, other) => (one.CreatedAt < other.CreatedAt ? 1 : -1));
    if (!newest) throw noSuchReplica(replica);
    yield* this.#options.api.logs(newest.ID, { tail: TAIL, follow: true }, signal);
  }

  /** Who has which address, for the load balancer's figures. */
  async names(signal: AbortSignal): Promise<Map<string, ReplicaName>> {
    const [tasks, nodes] = await Promise.all([this.#tasks(signal), this.#nodeNames(signal)]);
    const running = tasks.filter((task) => !hasEnded(task));
    return new Map(
      running.flatMap((task) => {
        const known = { name: replicaName(task), node: nodes.get(task.NodeID ?? '') ?? 'main' };
        return addressesOf(task).map((address) => [address, known] as const);
      }),
    );
  }

  async close(): Promise<void> {}

  async #runRelease(
    { command, limitMs }: ReleaseCommand,
    spec: ColourSpec,
    signal: AbortSignal,
  ): Promise<void> {
    const { app, dir, web, readCompose } = this.#options;
    const colour = otherColour(await this.#options.serving(signal));
    const made = await this.#colour(colour, spec, signal);
    const stack = releaseStack(await readCompose(), web, made, command);
    const start = () => deployStack(stack, { app, dir, env: spec.env }, signal);
    await this.#release.run(start, limitMs, signal);
  }

  async #colour(colour: Colour, spec: ColourSpec, signal: AbortSignal): Promise<WebColour> {
    const { api, memoryBytes } = this.#options;
    const image = spec.image ?? (await this.#currentImage(signal));
    return {
      ...spec,
      colour,
      image,
      imageId: await unpublishedId(api.engine, image, signal),
      memoryBytes: await memoryBytes(signal),
      start: randomUUID(),
    };
  }

  #service(colour: Colour, signal: AbortSignal): Promise<Service | null> {
    return this.#options.api.service(`${this.#options.app}_web-${colour}`, signal);
  }

  async #services(signal: AbortSignal): Promise<Service[]> {
    const both = (['blue', 'green'] as const).map((colour) => this.#service(colour, signal));
    return (await Promise.all(both)).filter((service) => service !== null);
  }

  async #tasks(signal: AbortSignal): Promise<Task[]> {
    const ids = (await this.#services(signal)).map(({ ID }) => ID);
    return ids.length > 0 ? this.#options.api.tasks(ids, signal) : [];
  }

  async #runs(colour: Colour, signal: AbortSignal): Promise<boolean> {
    const tasks = await this.#tasks(signal);
    return tasks.some((task) => colourOf(task) === colour && task.Status.State === 'running');
  }

  async #currentImage(signal: AbortSignal): Promise<string> {
    const serving = await this.#options.serving(signal);
    const service = serving && (await this.#service(serving, signal));
    if (!service) throw nothingRuns();
    return imageOf(service.Spec.TaskTemplate.ContainerSpec);
  }

  /** This machine is `main`, whatever its host name. */
  async #nodeNames(signal: AbortSignal): Promise<Map<string, string>> {
    const { api } = this.#options;
    const [nodes, info] = await Promise.all([api.nodes(signal), api.info(signal)]);
    return new Map(
      nodes.map(({ ID, Description }) => [
        ID,
        ID === info.Swarm.NodeID ? 'main' : Description.Hostname,
      ]),
    );
  }

  async #failure(colour: Colour, task: Task | null): Promise<ExternalError> {
    return notHealthy(colour, task, task ? await lastWords(this.#options.api, task) : []);
  }
}

function containerId({ Status }: Task): string | undefined {
  return Status.ContainerStatus?.ContainerID;
}

function isTimeout(signal: AbortSignal): boolean {
  return signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
}
