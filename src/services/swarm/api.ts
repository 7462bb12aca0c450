import { ExternalError, PortSyncError } from '../../errors.ts';
import type { LogLine } from '../../model/container.ts';
import type { EngineApi } from '../docker/api.ts';
import { logLines } from '../docker/log-lines.ts';
import type { Info, Network, Node, Service, ServiceSpec, Task } from './answers.ts';

const STACK = 'com.docker.stack.namespace';

/** What PortSync asks of a swarm's manager. Every call rejects with a translated error. */
export class SwarmApi {
  readonly engine: EngineApi;

  constructor(engine: EngineApi) {
    this.engine = engine;
  }

  info(signal: AbortSignal): Promise<Info> {
    return this.#ask('GET', '/info', {}, signal);
  }

  /** Makes a swarm of this one machine, which nobody else can reach. */
  async init(signal: AbortSignal): Promise<void> {
    const body = { ListenAddr: '127.0.0.1:2377', AdvertiseAddr: '127.0.0.1' };
    await this.#ask('POST', '/swarm/init', { body }, signal);
  }

  nodes(signal: AbortSignal): Promise<Node[]> {
    return this.#ask('GET', '/nodes', {}, signal);
  }

  services(app: string, signal: AbortSignal): Promise<Service[]> {
    return this.#ask('GET', '/services', { query: stackFilter(app) }, signal);
  }

  async service(name: string, signal: AbortSignal): Promise<Service | null> {
    try {
      return await this.#ask('GET', `/services/${encodeURIComponent(name)}`, {}, signal);
    } catch (error) {
      if (error instanceof PortSyncError && error.code === 'not-found') return null;
      throw error;
    }
  }

  async update(service: Service, spec: ServiceSpec, signal: AbortSignal): Promise<void> {
    const query = { version: service.Version.Index };
    await this.#ask('POST', `/services/${service.ID}/update`, { query, body: spec }, signal);
  }

  async removeService(id: string, signal: AbortSignal): Promise<void> {
    await this.#ask('DELETE', `/services/${id}`, {}, signal);
  }

  tasks(services: readonly string[], signal: AbortSignal): Promise<Task[]> {
    const query = { filters: JSON.stringify({ service: services }) };
    return this.#ask('GET', '/tasks', { query }, signal);
  }

  networks(app: string, signal: AbortSignal): Promise<Network[]> {
    return this.#ask('GET', '/networks', { query: stackFilter(app) }, signal);
  }

  async removeNetwork(id: string, signal: AbortSignal): Promise<void> {
    await this.#ask('DELETE', `/networks/${id}`, {}, signal);
  }

  /** Names of all that belong to the stack. */
  async volumes(app: string, signal: AbortSignal): Promise<string[]> {
    type Answer = { Volumes: Array<{ Name: string }> | null };
    const { Volumes } = await this.#ask<Answer>(
      'GET',
      '/volumes',
      { query: stackFilter(app) },
      signal,
    );
    return (Volumes ?? []).map(({ Name }) => Name).sort();
  }

  /** Ids of the stack's containers on this node that are not gone yet. */
  async containersOf(app: string, signal: AbortSignal): Promise<string[]> {
    const query = { ...stackFilter(app), all: true };
    const found = await this.#ask<Array<{ Id: string }>>(
      'GET',
      '/containers/json',
      { query },
      signal,
    );
    return found.map(({ Id }) => Id);
  }

  async removeVolume(name: string, signal: AbortSignal): Promise<void> {
    await this.#ask('DELETE', `/volumes/${encodeURIComponent(name)}`, {}, signal);
  }

  /** The last lines of a task, on whichever node it is or was. */
  async *logs(
    task: string,
    options: { tail: number; follow: boolean },
    signal: AbortSignal,
  ): AsyncGenerator<LogLine> {
    const query = { stdout: true, stderr: true, timestamps: true, ...options };
    const source = await this.engine.stream('GET', `/tasks/${task}/logs`, query, signal);
    try {
      yield* logLines(source, false);
    } catch (error) {
      if (!signal.aborted) throw this.engine.translated(error);
    } finally {
      source.destroy();
    }
  }

  async #ask<T>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    options: { query?: object; body?: unknown },
    signal: AbortSignal,
  ): Promise<T> {
    try {
      return await this.engine.request<T>(method, path, options, signal);
    } catch (error) {
      throw swarmError(error, this.engine.where);
    }
  }
}

function stackFilter(app: string) {
  return { filters: JSON.stringify({ label: [`${STACK}=${app}`] }) };
}

/** The engine's words are about containers wherever it says no. */
function swarmError(error: unknown, where: string): unknown {
  if (!(error instanceof PortSyncError)) return error;
  if (/not a swarm manager/i.test(error.why ?? '')) {
    return new ExternalError({
      code: 'no-swarm',
      message: `The Docker engine at ${where} manages no swarm.`,
      why: 'The app was not started here yet, or this machine left the swarm.',
      next: 'Run portsync up.',
      cause: error,
    });
  }
  if (error.code !== 'no-such-container') return error;
  return new ExternalError({
    code: 'not-found',
    message: `The Docker engine at ${where} has no such thing any more.`,
    why: error.why,
    next: 'Look again: it was removed meanwhile.',
    cause: error,
  });
}
