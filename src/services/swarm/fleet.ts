import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExternalError } from '../../errors.ts';
import type { Colour, Container, LogLine } from '../../model/container.ts';
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
import { LABELS, webStack } from './stack.ts';
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
}

/** The `Fleet` port over a swarm: each colour is a service of its own, `web-blue` and `web-green`. */
export class SwarmFleet implements Fleet {
  readonly #options: SwarmFleetOptions;

  constructor(options: SwarmFleetOptions) {
    this.#options = options;
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
    const { app, dir, web, readCompose, memoryBytes } = this.#options;
    if ((await this.servingColour(signal)) === colour) throw serves(colour);
    const image = spec.image ?? (await this.#currentImage(signal));
    const limit = await memoryBytes(signal);
    const start = randomUUID();
    const stack = webStack(await readCompose(), web, {
      ...spec,
      colour,
      image,
      imageId: await unpublishedId(this.#options.api.engine, image, signal),
      memoryBytes: limit,
      start,
    });
    await deployStack(stack, { app, dir, env: spec.env }, signal);
  }

  async healthy(colour: Colour, signal: AbortSignal): Promise<void> {
    for (;;) {
      const service = await this.#service(colour, AbortSignal.timeout(CALL_LIMIT_MS));
      if (!service) throw notStarted(colour);
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
    const service = await this.#service(colour, signal);
    if (!service) return;
    if (replicasOf(service) > 0) {
      const spec = { ...service.Spec, Mode: { Replicated: { Replicas: 0 } } };
      await this.#options.api.update(service, spec, signal);
    }
    while ((await this.#options.api.tasks([service.ID], signal)).some((task) => !hasEnded(task))) {
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {
        throw stopped(signal, `Stopping ${colour}`);
      });
    }
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

function replicasOf({ Spec }: Service): number {
  return Spec.Mode.Replicated?.Replicas ?? 0;
}

function containerId({ Status }: Task): string | undefined {
  return Status.ContainerStatus?.ContainerID;
}

function isTimeout(signal: AbortSignal): boolean {
  return signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
}
