import { EventEmitter, once } from 'node:events';
import { Agent } from 'node:http';
import type { Colour, Health } from '../../../model/container.ts';
import type { ReplicaTraffic } from '../../../model/traffic.ts';
import { RollingWindow } from './window.ts';

const CHECKS_TO_FALL = 2;

/** One web replica as the balancer sees it. */
export class Upstream {
  readonly name: string;
  readonly colour: Colour;
  readonly port: number;
  readonly window = new RollingWindow();
  /** More would wait inside the replica: Node takes one new connection in each turn of its loop. */
  readonly agent = new Agent({ keepAlive: true, maxSockets: 128, maxFreeSockets: 64 });
  health: Health = 'starting';
  draining = false;
  running = 0;
  /** The process is gone; its port may soon be someone else's. */
  gone = false;
  #failures = 0;

  constructor(name: string, colour: Colour, port: number) {
    this.name = name;
    this.colour = colour;
    this.port = port;
  }

  get up(): boolean {
    return this.health === 'healthy' && !this.draining;
  }

  get state(): ReplicaTraffic['state'] {
    if (this.health !== 'healthy') return 'down';
    return this.draining ? 'draining' : 'up';
  }

  succeeded(): void {
    if (this.gone) return;
    this.#failures = 0;
    this.health = 'healthy';
  }

  /** One failure may be chance; a refused connection is not. */
  failed(refused: boolean): void {
    this.#failures += 1;
    const falls = refused || this.#failures >= CHECKS_TO_FALL;
    if (falls && this.health === 'healthy') this.health = 'unhealthy';
  }

  exited(): void {
    this.gone = true;
    if (this.health === 'healthy') this.health = 'unhealthy';
    this.agent.destroy();
  }
}

/** The replicas to choose from. Tells of changes as events: `up`, and `idle` when a request ended. */
export class Pool extends EventEmitter<{ up: []; idle: [] }> {
  readonly #upstreams = new Map<string, Upstream>();
  #turn = 0;

  get upstreams(): Upstream[] {
    return [...this.#upstreams.values()];
  }

  get(name: string): Upstream | undefined {
    return this.#upstreams.get(name);
  }

  add(upstream: Upstream): void {
    this.remove(upstream.name);
    this.#upstreams.set(upstream.name, upstream);
  }

  remove(name: string): void {
    this.#upstreams.get(name)?.agent.destroy();
    this.#upstreams.delete(name);
  }

  has(upstream: Upstream): boolean {
    return this.#upstreams.get(upstream.name) === upstream;
  }

  /** Round robin over what is up in `colour`; replicas not tried yet come first. */
  next(colour: Colour | null, tried: ReadonlySet<Upstream>): Upstream | null {
    const up = this.upstreams.filter((each) => each.colour === colour && each.up);
    const fresh = up.filter((each) => !tried.has(each));
    const choice = fresh.length > 0 ? fresh : up;
    this.#turn = (this.#turn + 1) % Number.MAX_SAFE_INTEGER;
    return choice[this.#turn % choice.length] ?? null;
  }

  running(colour: Colour): number {
    return this.upstreams
      .filter((each) => each.colour === colour)
      .reduce((sum, each) => sum + each.running, 0);
  }

  /** Resolves when no request runs at `colour` (or at the one upstream). */
  async idle(which: Colour | Upstream, signal: AbortSignal): Promise<void> {
    const left = () => (typeof which === 'string' ? this.running(which) : which.running);
    while (left() > 0) await once(this, 'idle', { signal });
  }
}
